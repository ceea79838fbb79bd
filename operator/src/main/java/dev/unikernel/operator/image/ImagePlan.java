package dev.unikernel.operator.image;

import dev.unikernel.operator.image.BuildDecision.Build;
import dev.unikernel.operator.image.BuildDecision.Situation;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a pass changes in the cluster. Pure.
 *
 * @param rule why, for the log
 * @param start the Job to start
 * @param restore what a Job at work was told to build, where that ConfigMap was deleted
 * @param retire names of Jobs to delete
 * @param sweep ConfigMaps that no Job reads any more
 */
record ImagePlan(
    String rule,
    Optional<BuilderJob> start,
    Optional<ConfigMap> restore,
    List<String> retire,
    List<ConfigMap> sweep) {

  static ImagePlan of(Observation seen, BuilderSettings.Builder settings) {
    return switch (seen.resolution()) {
      case Resolution.Incomplete incomplete ->
          new ImagePlan(
              incomplete.outcome().reason().meaning(),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              sweep(seen, Optional.empty()));
      case Resolution.Complete(BuildInputs inputs) -> of(seen, inputs, settings);
    };
  }

  private static ImagePlan of(
      Observation seen, BuildInputs inputs, BuilderSettings.Builder settings) {
    var newest = seen.newest(inputs.digest());
    var decision =
        BuildDecision.of(
            new Situation(
                inputs.digest(),
                BuilderJob.settings(seen.image(), inputs, settings),
                seen.history(),
                newest,
                Rebuilds.of(seen, inputs.digest()),
                seen.now()));
    var start =
        decision instanceof Build build
            ? Optional.of(BuilderJob.of(seen.image(), inputs, build.attempt(), settings))
            : Optional.<BuilderJob>empty();
    return new ImagePlan(
        decision.rule(),
        start,
        start.isPresent()
            ? Optional.empty()
            : newest
                .filter(ImagePlan::atWork)
                .filter(attempt -> !hasPlan(seen, attempt))
                .map(attempt -> BuilderJob.of(seen.image(), inputs, attempt.number(), settings))
                .map(BuilderJob::plan),
        seen.attempts().stream()
            .filter(attempt -> obsolete(attempt, seen, newest, start.isPresent()))
            .map(Attempt::job)
            .toList(),
        sweep(seen, start));
  }

  /**
   * One Job stays, the last: while it works, and later for its log. One whose report is in the
   * status goes if a foreign container keeps its pod from ending.
   */
  private static boolean obsolete(
      Attempt attempt, Observation seen, Optional<Attempt> newest, boolean starts) {
    if (newest.filter(attempt::equals).isPresent()) {
      return (starts && atWork(attempt))
          || (!attempt.keptBy().isEmpty() && seen.published(attempt.inputs()));
    }
    return starts || newest.isPresent() || atWork(attempt);
  }

  private static boolean atWork(Attempt attempt) {
    return attempt.state() instanceof Attempt.Underway;
  }

  private static boolean hasPlan(Observation seen, Attempt attempt) {
    return seen.plans().stream().anyMatch(plan -> name(plan).equals(attempt.job()));
  }

  private static List<ConfigMap> sweep(Observation seen, Optional<BuilderJob> start) {
    var wanted =
        seen.attempts().stream()
            .filter(ImagePlan::atWork)
            .map(Attempt::job)
            .collect(Collectors.toSet());
    start.map(BuilderJob::plan).map(ImagePlan::name).ifPresent(wanted::add);
    return seen.plans().stream().filter(plan -> !wanted.contains(name(plan))).toList();
  }

  private static String name(HasMetadata object) {
    return Objects.requireNonNull(object.getMetadata().getName());
  }
}
