package dev.unikernel.operator.status;

import dev.unikernel.api.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The conditions that say an {@link Outcome}, as kstatus reads them: {@code Ready} always, {@code
 * Reconciling} and {@code Stalled} only while true.
 */
public final class ConditionSet {
  public static final String READY = "Ready";
  public static final String RECONCILING = "Reconciling";
  public static final String STALLED = "Stalled";

  private static final String TRUE = "True";
  private static final String FALSE = "False";
  private static final String UNKNOWN = "Unknown";

  private final List<Condition> old;
  private final long generation;
  private final String now;
  private final List<Condition> conditions = new ArrayList<>();

  private ConditionSet(List<Condition> old, long generation, Instant now) {
    this.old = old == null ? List.of() : old;
    this.generation = generation;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /**
   * The conditions after a pass.
   *
   * @param old those of the last pass, may be null; their transition times stay while their status
   *     does
   * @param generation the {@code metadata.generation} that the pass observed
   */
  public static List<Condition> of(
      Outcome outcome, List<Condition> old, long generation, Instant now) {
    var set = new ConditionSet(old, generation, now);
    switch (outcome) {
      case Outcome.Steady steady -> set.add(READY, TRUE, steady);
      case Outcome.Waiting waiting -> {
        set.add(READY, FALSE, waiting);
        set.add(RECONCILING, TRUE, waiting);
      }
      case Outcome.Stalled stalled -> {
        set.add(READY, FALSE, stalled);
        set.add(STALLED, TRUE, stalled);
      }
      case Outcome.Failed failed -> {
        set.keepReady();
        set.add(RECONCILING, TRUE, failed);
      }
    }
    return List.copyOf(set.conditions);
  }

  /** The condition of this type, if it is there. */
  public static Optional<Condition> find(List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
  }

  /** Whether these conditions say that this spec generation is ready. */
  public static boolean ready(List<Condition> conditions, long generation) {
    return find(conditions, READY)
        .filter(ready -> TRUE.equals(ready.status()))
        .filter(ready -> Objects.equals(ready.observedGeneration(), generation))
        .isPresent();
  }

  /** A fault of a call says nothing about what runs: what was known of this spec stays known. */
  private void keepReady() {
    find(old, READY)
        .filter(ready -> Objects.equals(ready.observedGeneration(), generation))
        .ifPresentOrElse(
            conditions::add,
            () ->
                add(
                    READY,
                    UNKNOWN,
                    Reason.Shared.NotLookedAt.name(),
                    Reason.Shared.NotLookedAt.meaning()));
  }

  private void add(String type, String status, Outcome outcome) {
    add(type, status, outcome.reason().name(), outcome.message());
  }

  private void add(String type, String status, String reason, String message) {
    var since =
        find(old, type)
            .filter(before -> before.status().equals(status))
            .map(Condition::lastTransitionTime)
            .orElse(now);
    conditions.add(new Condition(type, status, generation, since, reason, message));
  }
}
