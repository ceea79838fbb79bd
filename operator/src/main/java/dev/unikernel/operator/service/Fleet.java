package dev.unikernel.operator.service;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.groupingBy;

import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The instances of one observation, sorted into those to keep and those to replace. While nothing
 * may be rolled out (paused, or no build is known) every instance is one to keep.
 *
 * @param guest what a further instance boots: where nothing is rolled out, what runs already, and
 *     where nothing runs, the target; null when unknown
 * @param current those that stay, or failed and get a successor
 * @param old those of another revision than {@code guest}'s
 * @param leaving those on their way out, of any revision
 */
record Fleet(
    Observation seen,
    Guest guest,
    List<Instance> current,
    List<Instance> old,
    List<Instance> leaving) {

  /** By ordinal, then by name: what makes every decision independent of the order seen. */
  static final Comparator<Instance> ORDER =
      comparingInt(Instance::ordinal).thenComparing(Instance::name);

  static Fleet of(Observation seen) {
    var sorted = seen.instances().stream().sorted(ORDER).toList();
    var leaving = sorted.stream().filter(Instance::leaving).toList();
    var staying = sorted.stream().filter(instance -> !instance.leaving()).toList();
    if (!seen.rolling()) {
      var guest = commonGuest(sorted).orElse(seen.target());
      return new Fleet(seen, guest, staying, List.of(), leaving);
    }
    var revision = seen.target().revision();
    return new Fleet(
        seen,
        seen.target(),
        staying.stream().filter(instance -> instance.revision().equals(revision)).toList(),
        staying.stream().filter(instance -> !instance.revision().equals(revision)).toList(),
        leaving);
  }

  /** Instances that are ready and have been for long enough. */
  int available(List<Instance> instances) {
    return (int) instances.stream().filter(this::available).count();
  }

  boolean available(Instance instance) {
    return instance.available(seen.now(), seen.minReady());
  }

  /** What most of the old instances run: the revision to fall back on. */
  Optional<Guest> oldGuest() {
    return commonGuest(old);
  }

  /** Whether as many are available as the user wants, and nothing else runs. */
  boolean complete() {
    return old.isEmpty()
        && leaving.isEmpty()
        && current.size() == seen.desired()
        && available(current) == seen.desired();
  }

  /** Whether the rollout has halted: old instances are kept while the new revision fails. */
  boolean halted() {
    return !old.isEmpty() && failing();
  }

  /**
   * Whether an instance of the new revision has shown that it does not come up: its guest ended, or
   * has been silent for the whole deadline. Old instances are kept then. An expired deadline alone
   * does not count: the operator may have been away, or the API server may have refused the
   * changes.
   */
  boolean failing() {
    return current.stream().anyMatch(this::failing);
  }

  private boolean failing(Instance instance) {
    return instance.over()
        || (instance.attempt().restarts() > 0 && !available(instance))
        || silentAt(instance).filter(at -> !seen.now().isBefore(at)).isPresent();
  }

  /** Guests of its row that ended by themselves, unless the one that runs now has run for long. */
  int failures(Instance instance) {
    return !instance.over() && Backoff.stable(instance, seen.now()) ? 0 : instance.failures();
  }

  /** When an instance that does not answer will have been silent for too long. */
  Optional<Instant> silentAt(Instance instance) {
    return instance.phase() == Phase.STARTING || instance.phase() == Phase.NOT_READY
        ? Optional.of(movedAt(instance).plus(seen.deadline()))
        : Optional.empty();
  }

  /** Whether the deadline has passed without progress. */
  boolean overdue() {
    return overdueAt().filter(deadline -> !seen.now().isBefore(deadline)).isPresent();
  }

  /** When the deadline passes if nothing moves until then; empty when all are available. */
  Optional<Instant> overdueAt() {
    if (available(current) >= seen.desired()) {
      return Optional.empty();
    }
    return Stream.concat(current.stream(), leaving.stream())
        .map(this::movedAt)
        .max(Comparator.naturalOrder())
        .map(moved -> moved.plus(seen.deadline()));
  }

  /** A retry is no progress: it counts from the first of its row. */
  private Instant movedAt(Instance instance) {
    boolean steady = failures(instance) == 0 && !instance.over();
    return steady && instance.phase() != Phase.STARTING
        ? instance.since()
        : instance.attempt().since();
  }

  private static Optional<Guest> commonGuest(List<Instance> instances) {
    return instances.stream()
        .filter(instance -> instance.guest() != null)
        .collect(groupingBy(Instance::revision))
        .entrySet()
        .stream()
        .max(
            comparingLong((Map.Entry<String, List<Instance>> one) -> staying(one.getValue()))
                .thenComparing(Map.Entry::getKey))
        .map(most -> most.getValue().getFirst().guest());
  }

  private static long staying(List<Instance> instances) {
    return instances.stream().filter(instance -> !instance.leaving()).count();
  }
}
