package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds in every rollout, while instances boot, fail, vanish or are seen late. */
class RolloutPropertiesTest {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final int STORM = 300;
  private static final int CALM = 1000;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 50);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void staysWithinBoundsAndConverges(long seed) {
    var random = new Random(seed);
    new Run(seed, random.nextInt(7), bound(random), bound(random), random.nextInt(8), 0)
        .storm()
        .calm();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void staysWithinBoundsAndConvergesWhenOthersChangesAreSeenLate(long seed) {
    var random = new Random(seed);
    new Run(seed, random.nextInt(7), bound(random), bound(random), 0, random.nextInt(1, 6))
        .storm()
        .calm();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void convergesAfterDisturbancesThatLastLongerThanTheDeadline(long seed) {
    var random = new Random(seed);
    var disturbance = Disturbance.values()[random.nextInt(Disturbance.values().length)];
    new Run(seed, random.nextInt(1, 5), bound(random), bound(random), 0, 0)
        .disturbed(disturbance, random.nextInt(31))
        .calm();
  }

  /** Any int: the API server has not always had a schema with a maximum. */
  private static int bound(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Integer.MAX_VALUE;
      case 1 -> Integer.MAX_VALUE - random.nextInt(10);
      default -> random.nextInt(4);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "2147483647, 0",
    "2147483647, 2147483647",
    "0, 2147483647",
    "999%, 100%",
    "100%, 100%",
    "0%, 0%"
  })
  void theExtremesOfTheSchemaBootAsManyAsAreDesired(String surge, String unavailable) {
    var rollout =
        new UnikernelServiceSpec.Rollout(
            BoundsTest.value(surge), BoundsTest.value(unavailable), null, null, null);
    for (int desired : new int[] {1, 3, 1000}) {
      var seen =
          new Observation(
              "hello",
              desired,
              Bounds.of(rollout, desired),
              Duration.ZERO,
              DEADLINE,
              false,
              World.guest("0"),
              List.of(),
              World.START);
      assertThat(Rollout.plan(seen).steps())
          .hasSize(desired)
          .allMatch(Create.class::isInstance)
          .extracting(Step::instance)
          .doesNotHaveDuplicates();
    }
  }

  /** What keeps a rollout from moving, through no fault of what is rolled out. */
  enum Disturbance {
    OPERATOR_AWAY,
    PAUSED,
    REFUSED,
    SLOW_ENDS
  }

  /** One service's life: a storm of changes and mishaps, then calm weather. */
  private static final class Run {
    private final Random random;
    private final World world = new World();
    private final Deque<Map<String, Instance>> past = new ArrayDeque<>();
    private final Map<String, Instance> created = new HashMap<>();
    private final Map<String, Instant> drained = new HashMap<>();
    private final Duration minReady;
    private final Bounds bounds;
    private final int lag;
    private int desired;
    private boolean paused;
    private Guest target = World.guest("0");
    private boolean calm;
    private int away;

    Run(long seed, int desired, int surge, int unavailable, int minReady, int lag) {
      this.random = new Random(seed);
      this.desired = desired;
      this.bounds = surge + unavailable == 0 ? new Bounds(0, 1) : new Bounds(surge, unavailable);
      this.minReady = Duration.ofSeconds(minReady);
      this.lag = lag;
      world.boot =
          launch -> calm || random.nextInt(4) > 0 ? random.nextInt(20) : -random.nextInt(1, 30);
      world.linger = name -> random.nextInt(2, 20);
    }

    Run storm() {
      for (int second = 0; second < STORM; second++) {
        mischief();
        if (away-- > 0) {
          world.tick();
          view();
        } else {
          pass();
        }
      }
      return this;
    }

    /** Comes up, starts to roll out, and is then disturbed for longer than the deadline. */
    Run disturbed(Disturbance disturbance, int after) {
      passes(60);
      target = World.guest("new");
      passes(after);
      int spell = (int) DEADLINE.toSeconds() + random.nextInt(60);
      switch (disturbance) {
        case OPERATOR_AWAY -> {
          for (int second = 0; second < spell; second++) {
            world.tick();
            view();
          }
        }
        case PAUSED -> {
          paused = true;
          passes(spell);
        }
        case REFUSED -> {
          world.refusing = true;
          passes(spell);
          world.refusing = false;
        }
        case SLOW_ENDS -> {
          world.linger = name -> spell;
          passes(spell);
          world.linger = name -> random.nextInt(2, 20);
        }
      }
      return this;
    }

    private void passes(int seconds) {
      for (int second = 0; second < seconds; second++) {
        pass();
      }
    }

    void calm() {
      calm = true;
      paused = false;
      target = target == null ? World.guest("0") : target;
      world.refusing = false;
      passes(CALM);
      var last = observe(world.snapshot());
      assertThat(Rollout.plan(last).steps()).as("nothing left to do").isEmpty();
      assertThat(Fleet.of(last).complete()).as("complete: %s", last.instances()).isTrue();
      assertThat(Rollout.plan(last).wakeAt()).as("nothing left to wait for").isEmpty();
    }

    private void mischief() {
      var names = List.copyOf(world.instances.keySet());
      switch (random.nextInt(30)) {
        case 0 -> desired = random.nextInt(7);
        case 1, 2 -> target = World.guest("" + random.nextInt(4));
        case 3 -> paused = !paused;
        case 4 -> target = null;
        case 5, 6 -> any(names, world::lose);
        case 7 ->
            any(
                names,
                name -> {
                  if (world.instances.get(name).occupies()) {
                    world.crash(name);
                  }
                });
        case 12 -> any(names, world::takeOut);
        case 10 -> world.refusing = !world.refusing;
        case 11 -> away = random.nextInt(1, 2 * (int) DEADLINE.toSeconds());
        case 8, 9 -> any(names, name -> world.blink(name, random.nextInt(1, 20)));
        default -> {}
      }
    }

    private void any(List<String> names, java.util.function.Consumer<String> mishap) {
      if (!names.isEmpty()) {
        mishap.accept(names.get(random.nextInt(names.size())));
      }
    }

    private void pass() {
      world.tick();
      var view = view();
      var seen = observe(view);
      var plan = Rollout.plan(seen);
      sameInAnyOrder(plan, view);
      inBounds(plan, seen);
      remember(plan.steps());
      world.apply(plan.steps());
    }

    /** The world as it was {@code lag} seconds ago, but with all that we did ourselves since. */
    private List<Instance> view() {
      past.addLast(new TreeMap<>(world.instances));
      var view = new TreeMap<>(past.size() > lag ? past.removeFirst() : past.getFirst());
      if (lag == 0) {
        return List.copyOf(view.values());
      }
      created.keySet().removeAll(view.keySet());
      view.putAll(created);
      drained.keySet().retainAll(view.keySet());
      drained.forEach((name, at) -> view.put(name, World.in(view.get(name), Phase.DRAINING, at)));
      return List.copyOf(view.values());
    }

    private void remember(List<Step> steps) {
      for (var step : steps) {
        switch (step) {
          case Create create when !world.refusing -> {
            var launch = create.launch();
            created.put(
                launch.name(),
                World.born(launch.name(), launch.guest(), launch.attempt(), world.now));
            drained.remove(create.instance());
          }
          case Drain drain -> drained.put(drain.instance(), world.now);
          default -> {}
        }
      }
    }

    private Observation observe(List<Instance> instances) {
      return new Observation(
          "hello", desired, bounds, minReady, DEADLINE, paused, target, instances, world.now);
    }

    private void sameInAnyOrder(Plan plan, List<Instance> view) {
      var shuffled = new java.util.ArrayList<>(view);
      Collections.shuffle(shuffled, random);
      assertThat(Rollout.plan(observe(shuffled))).isEqualTo(plan);
    }

    private void inBounds(Plan plan, Observation seen) {
      var fresh = new HashSet<String>();
      long created = 0;
      for (var step : plan.steps()) {
        assertThat(fresh.add(step.instance())).as("one step for each instance").isTrue();
        switch (step) {
          case Create create -> {
            created += world.instances.containsKey(create.instance()) ? 0 : 1;
            assertThat(create.instance()).hasSizeLessThanOrEqualTo(63);
          }
          case Delete(Instance of, String why) -> {
            assertThat(of.phase()).isNotIn(Phase.READY, Phase.TERMINATING);
            if (of.phase() == Phase.DRAINING && of.occupies()) {
              assertThat(of.since().plus(Rollout.DRAIN)).isBeforeOrEqualTo(world.now);
            }
          }
          default -> {}
        }
      }
      if (created > 0) {
        assertThat(world.guests() + created)
            .as("guests after %s", plan.steps())
            .isLessThanOrEqualTo((long) desired + bounds.surge());
      }
      long taken =
          plan.steps().stream()
              .filter(Drain.class::isInstance)
              .map(step -> world.instances.get(step.instance()))
              .filter(one -> one != null && one.available(world.now, minReady))
              .count();
      if (taken > 0) {
        long unseen =
            seen.instances().stream()
                .filter(one -> one.available(world.now, minReady))
                .map(one -> world.instances.get(one.name()))
                .filter(one -> one == null || !one.available(world.now, minReady))
                .count();
        assertThat(world.available(minReady) - taken + unseen)
            .as("available after %s", plan.steps())
            .isGreaterThanOrEqualTo(desired - bounds.unavailable());
      }
    }
  }
}
