package dev.unikernel.operator.image;

import dev.unikernel.operator.image.BuildDecision.Build;
import dev.unikernel.operator.image.BuildDecision.Situation;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a pass changes in the cluster. Pure.
 *
 * @param rule why, for the log
 * @param start the Job to start
 * @param restore what a Job at work was told to build, where somebody deleted it
 * @param retire Jobs whose work nobody wants any more
 * @param sweep ConfigMaps whose Job is gone
 */
record ImagePlan(
    String rule,
    Optional<BuilderJob> start,
    Optional<ConfigMap> restore,
    List<Job> retire,
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
    var digest = inputs.digest();
    var newest = seen.newest(digest);
    var decision =
        BuildDecision.of(
            new Situation(
                digest,
                BuilderJob.settings(seen.image(), inputs, settings),
                seen.history(),
                newest,
                seen.now()));
    var start =
        decision instanceof Build build
            ? Optional.of(BuilderJob.of(seen.image(), inputs, build.attempt(), settings))
            : Optional.<BuilderJob>empty();
    var keep = start.isPresent() ? null : newest.map(Attempt::job).orElse(null);
    return new ImagePlan(
        decision.rule(),
        start,
        start.isPresent()
            ? Optional.empty()
            : newest
                .filter(attempt -> attempt.state() instanceof Attempt.Underway)
                .filter(attempt -> !hasPlan(seen, attempt))
                .map(attempt -> BuilderJob.of(seen.image(), inputs, attempt.number(), settings))
                .map(BuilderJob::plan),
        seen.jobs().stream().filter(job -> obsolete(job, digest, newest, keep)).toList(),
        sweep(seen, start));
  }

  /**
   * A Job that still works although it is not the one we wait for, or that failed before the last
   * one did. Others stay for their log until their time is over.
   */
  private static boolean obsolete(Job job, String digest, Optional<Attempt> newest, String keep) {
    var name = job.getMetadata().getName();
    if (!Attempt.finished(job)) {
      return !name.equals(keep);
    }
    return digest.equals(job.getMetadata().getAnnotations().get(BuilderJob.INPUTS))
        && newest.filter(last -> !last.job().equals(name)).isPresent();
  }

  private static boolean hasPlan(Observation seen, Attempt attempt) {
    return seen.plans().stream().anyMatch(plan -> name(plan).equals(attempt.job()));
  }

  private static List<ConfigMap> sweep(Observation seen, Optional<BuilderJob> start) {
    var wanted = seen.jobs().stream().map(ImagePlan::name).collect(Collectors.toSet());
    start.map(BuilderJob::plan).map(ImagePlan::name).ifPresent(wanted::add);
    return seen.plans().stream().filter(plan -> !wanted.contains(name(plan))).toList();
  }

  private static String name(HasMetadata object) {
    return Objects.requireNonNull(object.getMetadata().getName());
  }
}
