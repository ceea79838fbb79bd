package dev.unikernel.operator.service;

import static java.util.Comparator.comparingInt;

import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides which instances to start, drain and delete. It never takes away so many that fewer than
 * {@code desired - unavailable} are available, and never starts so many that more than {@code
 * desired + surge} guests hold memory. Instances are replaced, never edited.
 */
public final class Rollout {

  /**
   * From the moment that an instance is out of traffic to its deletion. Endpoints follow a label
   * within a second; the rest is for answers under way.
   */
  public static final Duration DRAIN = Duration.ofSeconds(5);

  private final Observation seen;
  private final Fleet fleet;
  private final List<Instance> current;
  private final Draft draft;

  private Rollout(Observation seen) {
    this.seen = seen;
    this.fleet = Fleet.of(seen);
    this.current = new ArrayList<>(fleet.current());
    this.draft = new Draft(seen);
  }

  /** Total and deterministic: the same observation gives the same plan, in any order seen. */
  public static Plan plan(Observation seen) {
    return new Rollout(seen).plan();
  }

  private Plan plan() {
    finishLeaving();
    removeSurplus();
    if (fleet.halted()) {
      retryCurrent();
      keepOld();
    } else {
      fleet.old().stream()
          .filter(Instance::over)
          .forEach(failed -> draft.delete(failed, "failed, and superseded"));
      retryCurrent();
      createMissing();
    }
    retireOld();
    readmit();
    watchTheClock();
    return draft.plan();
  }

  private void finishLeaving() {
    for (var instance : fleet.leaving()) {
      if (instance.phase() == Phase.TERMINATING) {
        continue;
      }
      var drained = instance.since().plus(DRAIN);
      if (!instance.occupies()) {
        draft.delete(instance, "ended while draining");
      } else if (instance.serving()) {
        draft.drain(instance, "still in traffic");
      } else if (seen.now().isBefore(drained)) {
        draft.wake(drained);
      } else {
        draft.delete(instance, "drained");
      }
    }
  }

  /** More than desired: those that serve no traffic go first, then the highest ordinal. */
  private void removeSurplus() {
    int surplus = current.size() - seen.desired();
    if (surplus <= 0) {
      return;
    }
    var leastMissed = comparingInt(this::worth).thenComparing(Fleet.ORDER.reversed());
    var victims = current.stream().sorted(leastMissed).limit(surplus).toList();
    victims.forEach(victim -> draft.remove(victim, "scaled down to " + seen.desired()));
    current.removeIf(draft::concerns);
  }

  private int worth(Instance instance) {
    if (instance.over()) {
      return 0;
    }
    if (instance.phase() != Phase.READY) {
      return 1;
    }
    return fleet.available(instance) ? 3 : 2;
  }

  private void retryCurrent() {
    current.stream()
        .filter(Instance::over)
        .forEach(failed -> retry(failed, seen.rolling() ? seen.target() : failed.guest()));
  }

  /** The place of a failed instance: its successor now, or once the back-off is over. */
  private void retry(Instance failed, Guest guest) {
    if (guest == null) {
      return;
    }
    var row = row(failed);
    boolean crashed = failed.ending().crashed();
    var due =
        failed.phase() == Phase.HELD
            ? failed.ending().retryAt()
            : failed.ending().at().plus(crashed ? Backoff.after(row.restarts()) : Duration.ZERO);
    boolean now = !seen.now().isBefore(due);
    if (now && draft.room()) {
      draft.create(
          guest,
          crashed ? row.next(failed.cause()) : row,
          Optional.of(failed),
          "replaces " + failed.name());
      draft.delete(failed, "replaced");
    } else if (now && failed.occupies()) {
      draft.delete(failed, "failed, and holds the memory that its successor needs");
    } else {
      hold(failed, due);
    }
  }

  /** A guest that ran long before it ended starts a new row. */
  private static Attempt row(Instance failed) {
    return Backoff.stable(failed, failed.ending().at())
        ? Attempt.first(failed.ending().at())
        : failed.attempt();
  }

  private void hold(Instance failed, Instant until) {
    if (failed.phase() == Phase.FAILED) {
      int failures = row(failed).restarts() + (failed.ending().crashed() ? 1 : 0);
      draft.hold(
          failed,
          until,
          switch (failures) {
            case 0 -> "ended";
            case 1 -> "failed once";
            default -> "failed %d times in a row".formatted(failures);
          });
    }
    if (seen.now().isBefore(until)) {
      draft.wake(until);
    }
  }

  private void createMissing() {
    int missing = seen.desired() - current.size();
    for (int i = 0; i < missing && fleet.guest() != null && draft.room(); i++) {
      var why = fleet.old().isEmpty() ? "%d desired".formatted(seen.desired()) : "rolls out";
      if (seen.paused() && seen.instances().isEmpty()) {
        why += "; paused, but no instance is left that remembers an older revision";
      }
      draft.create(fleet.guest(), Attempt.first(seen.now()), Optional.empty(), why);
    }
  }

  /**
   * The rollout has halted: what it was to replace is kept at strength instead, but takes no room
   * that a retry of the new revision needs.
   */
  private void keepOld() {
    fleet.old().stream().filter(Instance::over).forEach(failed -> retry(failed, failed.guest()));
    int strength = fleet.old().size() + fleet.available(current);
    var guest = fleet.oldGuest();
    for (int i = strength; i < floor() && guest.isPresent() && draft.room(); i++) {
      draft.create(
          guest.get(), Attempt.first(seen.now()), Optional.empty(), "the rollout has halted");
    }
  }

  /**
   * Old instances go as far as the available ones allow. One that is not ready may be so for a
   * moment only, so it counts as a hope until new ones have taken its place.
   */
  private void retireOld() {
    int floor = floor();
    int fresh = fleet.available(current);
    var running = fleet.old().stream().filter(instance -> !instance.over()).toList();
    var asleep = running.stream().filter(instance -> !fleet.available(instance)).toList();
    int hopes = running.size();
    for (var instance : asleep) {
      if (hopes - 1 + fresh >= floor) {
        hopes--;
        draft.remove(instance, "superseded");
      }
    }
    int available = fresh + fleet.available(running);
    for (var instance : running) {
      if (fleet.available(instance) && available - 1 >= floor) {
        available--;
        draft.remove(instance, "superseded");
      }
    }
  }

  /** What answers and is to stay goes back into traffic if its label was removed. */
  private void readmit() {
    Stream.concat(current.stream(), fleet.old().stream())
        .filter(instance -> instance.phase() == Phase.NOT_READY && !instance.serving())
        .filter(instance -> !draft.concerns(instance))
        .forEach(instance -> draft.readmit(instance, "it was taken out of traffic"));
  }

  private void watchTheClock() {
    seen.instances().stream()
        .filter(instance -> instance.phase() == Phase.READY && !fleet.available(instance))
        .forEach(instance -> draft.wake(instance.since().plus(seen.minReady())));
    Stream.concat(
            fleet.overdueAt().stream(),
            current.stream().flatMap(one -> fleet.silentAt(one).stream()))
        .filter(deadline -> seen.now().isBefore(deadline))
        .forEach(draft::wake);
  }

  /** How many must be available at all times. */
  private int floor() {
    return Math.max(0, seen.desired() - seen.bounds().unavailable());
  }
}
