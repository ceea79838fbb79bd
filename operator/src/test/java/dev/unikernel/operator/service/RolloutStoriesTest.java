package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.testing.Golden;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole rollouts, second by second, as stories to read: {@code src/test/resources/rollouts}. Each
 * is the same where the clocks of the cluster are minutes ahead of the operator's, or behind.
 */
@ParameterizedClass
@ValueSource(longs = {0, 600, -600})
class RolloutStoriesTest {
  private static final Guest V1 = World.guest("1");
  private static final Guest V2 = World.guest("2");

  private final Sightings sightings = new Sightings();
  private final UnikernelService service = new UnikernelService();
  private final World world = new World();
  private final Duration skew;
  private final List<String> story = new ArrayList<>();
  private int desired = 3;
  private Bounds bounds = new Bounds(1, 0);
  private boolean paused;
  private Guest target = V1;

  RolloutStoriesTest(long skewSeconds) {
    this.skew = Duration.ofSeconds(skewSeconds);
    service.setMetadata(new ObjectMetaBuilder().withName("hello").withUid("uid-1").build());
  }

  @Test
  void surgeOneByOne() {
    settle();
    note("version 2 is built");
    target = V2;
    run(120);
    golden("surge-one-by-one");
  }

  @Test
  void unavailableWithoutSurge() {
    bounds = new Bounds(0, 1);
    settle();
    note("version 2 is built");
    target = V2;
    run(150);
    golden("unavailable-without-surge");
  }

  @Test
  void aGuestDies() {
    settle();
    note("hello-1-1 powers itself off");
    world.crash(name(V1, 1));
    run(60);
    golden("guest-dies");
  }

  @Test
  void crashLoopHaltsTheRollout() {
    settle();
    world.boot = launch -> launch.guest().equals(V2) ? -3 : 10;
    note("version 2 is built, and its guests die three seconds after boot");
    target = V2;
    run(100);
    note("meanwhile a guest of version 1 dies");
    world.crash(name(V1, 0));
    run(60);
    note("version 1 is wanted again");
    target = V1;
    run(60);
    golden("crash-loop-halts-the-rollout");
  }

  @Test
  void pausedHoldsTheNewRevisionButHealsAndScales() {
    settle();
    note("paused, and version 2 is built");
    paused = true;
    target = V2;
    run(5);
    note("a guest dies, and one more is wanted");
    world.crash(name(V1, 2));
    desired = 4;
    run(40);
    note("resumed");
    paused = false;
    run(200);
    golden("paused-holds-but-heals");
  }

  @Test
  void scaleDownTakesTheHighestOrdinals() {
    settle();
    note("one is enough");
    desired = 1;
    run(40);
    golden("scale-down");
  }

  @Test
  void crashLoopWithoutSurgeKeepsWhatMustBeAvailable() {
    bounds = new Bounds(0, 1);
    settle();
    world.boot = launch -> launch.guest().equals(V2) ? -3 : 10;
    note("version 2 is built, and its guests die three seconds after boot");
    target = V2;
    run(200);
    note("its guests come up after all");
    world.boot = launch -> 10;
    run(400);
    golden("crash-loop-without-surge");
    assertRolledOut();
  }

  @Test
  void goesOnAfterTheOperatorWasAwayForLongerThanTheDeadline() {
    settle();
    target = V2;
    run(15);
    pass(700);
    run(120);
    assertRolledOut();
  }

  @Test
  void goesOnAfterAPauseThatIsLongerThanTheDeadline() {
    settle();
    target = V2;
    run(15);
    paused = true;
    run(700);
    paused = false;
    run(120);
    assertRolledOut();
  }

  @Test
  void goesOnAfterInstancesWereRefusedForLongerThanTheDeadline() {
    settle();
    target = V2;
    run(15);
    world.refusing = true;
    run(700);
    world.refusing = false;
    run(120);
    assertRolledOut();
  }

  @Test
  void goesOnWhenOldInstancesTakeLongerToGoThanTheDeadline() {
    settle();
    world.linger = name -> 900;
    target = V2;
    run(3000);
    assertRolledOut();
  }

  @Test
  void aGuestThatIsSilentForTheWholeDeadlineHaltsTheRolloutUntilItAnswers() {
    settle();
    world.boot = launch -> 1000;
    target = V2;
    run(700);
    assertThat(Fleet.of(observe()).failing()).isTrue();
    world.boot = launch -> 10;
    run(450);
    assertRolledOut();
  }

  @Test
  void pausedWithNothingLeftToRememberStartsTheTarget() {
    settle();
    paused = true;
    target = V2;
    desired = 0;
    run(60);
    assertThat(world.instances).isEmpty();
    desired = 2;
    run(20);
    assertThat(world.snapshot()).extracting(Instance::guest).containsExactly(V2, V2);
    assertThat(story).anyMatch(line -> line.contains("no instance is left that remembers"));
  }

  @Test
  void anInstanceTakenOutOfTrafficByHandIsPutBack() {
    settle();
    world.takeOut(name(V1, 1));
    run(5);
    assertRolledOut();
    assertThat(story).anyMatch(line -> line.contains("Readmit hello-1-1"));
    assertThat(world.instances).containsOnlyKeys(name(V1, 0), name(V1, 1), name(V1, 2));
  }

  private void assertRolledOut() {
    assertThat(Fleet.of(observe()).complete()).as(String.join("\n", story)).isTrue();
  }

  private static String name(Guest guest, int ordinal) {
    return "hello-" + guest.revision() + "-" + ordinal;
  }

  private void settle() {
    run(40);
  }

  private void run(int seconds) {
    for (int second = 0; second < seconds; second++) {
      world.tick();
      var plan = Rollout.plan(observe());
      plan.steps().forEach(this::tell);
      world.apply(plan.steps());
      if (!plan.steps().isEmpty()) {
        note("  -> " + state());
      }
    }
  }

  /** Time passes, and no operator is there. */
  private void pass(int seconds) {
    for (int second = 0; second < seconds; second++) {
      world.tick();
    }
  }

  private Observation observe() {
    return new Observation(
        "hello",
        desired,
        bounds,
        Duration.ZERO,
        Duration.ofMinutes(10),
        paused,
        target,
        sightings.date(service, world.snapshot(skew), world.now),
        world.now);
  }

  private void tell(Plan.Step step) {
    note("%s %s: %s".formatted(step.getClass().getSimpleName(), step.instance(), step.why()));
  }

  private String state() {
    var counts = new TreeMap<String, Integer>();
    for (Instance instance : world.snapshot()) {
      counts.merge(
          "v" + instance.guest().digest().substring(7) + " " + instance.phase().word(),
          1,
          Integer::sum);
    }
    return counts.entrySet().stream()
        .map((Map.Entry<String, Integer> one) -> one.getValue() + "x " + one.getKey())
        .collect(Collectors.joining(", "));
  }

  private void note(String line) {
    long second = Duration.between(World.START, world.now).toSeconds();
    story.add(
        "%4d s  %s"
            .formatted(second, line.replace(V1.revision(), "1").replace(V2.revision(), "2")));
  }

  private void golden(String name) {
    Golden.assertMatches(String.join("\n", story) + "\n", "rollouts/" + name + ".golden");
  }
}
