package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelImageStatus.Rebuild;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether to start a builder Job; {@code rule} names the rule that decided. Pure. */
sealed interface BuildDecision {

  /** The rule that decided, for the log. */
  String rule();

  /** Nothing to start. */
  record Keep(String rule) implements BuildDecision {}

  /** Start the Job of this number. */
  record Build(String rule, int attempt) implements BuildDecision {}

  /**
   * What the rules look at.
   *
   * @param inputs {@code sha256:…} that is wanted
   * @param settings hash of how the next Job would build
   * @param history builds that were published
   * @param newest the last attempt at these inputs
   * @param rebuild a demand to build them again, or null
   */
  record Situation(
      String inputs,
      String settings,
      List<PastBuild> history,
      Optional<Attempt> newest,
      Rebuild rebuild,
      Instant now) {

    private boolean rebuilds() {
      return Rebuilds.isPending(rebuild, inputs, history);
    }

    private boolean published() {
      return !rebuilds() && history.stream().anyMatch(past -> past.inputs().equals(inputs));
    }

    private boolean newestIsFromBeforeTheDemand() {
      return rebuilds() && newest.filter(attempt -> attempt.counts(rebuild)).isEmpty();
    }

    private int last() {
      return Math.max(newest.map(Attempt::number).orElse(0), rebuilds() ? rebuild.after() : 0);
    }

    private boolean newestIs(Class<? extends Attempt.State> state) {
      return newest.map(Attempt::state).filter(state::isInstance).isPresent();
    }

    private boolean newestHasOtherSettings() {
      return newest.filter(attempt -> !settings.equals(attempt.settings())).isPresent();
    }

    private boolean retryIsDue() {
      return newest.flatMap(Attempt::retryAt).filter(at -> !now.isBefore(at)).isPresent();
    }
  }

  /** One reason to build, or not to. */
  record Rule(String name, boolean builds, Predicate<Situation> applies) {}

  /** In this order; the first that applies decides. */
  List<Rule> RULES =
      List.of(
          keep("these inputs are published", Situation::published),
          build("these inputs are to be built again", Situation::newestIsFromBeforeTheDemand),
          keep("the Job has published them", s -> s.newestIs(Attempt.Done.class)),
          build("the way to build has changed", Situation::newestHasOtherSettings),
          keep("the Job is at work", s -> s.newestIs(Attempt.Underway.class)),
          build("the wait after the failure is over", Situation::retryIsDue),
          keep("the Job failed", s -> s.newestIs(Attempt.Failed.class)),
          build("these inputs were never built", s -> true));

  /** Decides. */
  static BuildDecision of(Situation situation) {
    var rule =
        RULES.stream().filter(one -> one.applies().test(situation)).findFirst().orElseThrow();
    return rule.builds() ? new Build(rule.name(), situation.last() + 1) : new Keep(rule.name());
  }

  private static Rule keep(String name, Predicate<Situation> applies) {
    return new Rule(name, false, applies);
  }

  private static Rule build(String name, Predicate<Situation> applies) {
    return new Rule(name, true, applies);
  }
}
