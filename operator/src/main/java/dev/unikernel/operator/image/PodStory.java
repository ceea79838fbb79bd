package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.ImageReason.BuildTimeout;
import static dev.unikernel.operator.image.ImageReason.BuilderCrashed;
import static dev.unikernel.operator.image.ImageReason.BuilderPending;
import static dev.unikernel.operator.image.ImageReason.BuilderRefused;
import static dev.unikernel.operator.image.ImageReason.Building;
import static dev.unikernel.operator.image.ImageReason.ReportLost;

import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the pods of one builder Job say, in the user's words. */
final class PodStory {
  private final Job job;
  private final List<Pod> newestFirst;

  PodStory(Job job, List<Pod> pods) {
    this.job = job;
    this.newestFirst =
        pods.stream()
            .sorted(
                Comparator.comparing((Pod pod) -> created(pod))
                    .thenComparing(pod -> pod.getMetadata().getName())
                    .reversed())
            .toList();
  }

  /** The report of a pod that published a disk. */
  Optional<BuildReport> published() {
    return newestFirst.stream()
        .map(BuilderContainer::new)
        .map(BuilderContainer::published)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * What a Job that has not ended is at.
   *
   * @param refusal why the API server does not let the Job have a pod, if that is known
   */
  Attempt.Underway underway(Optional<String> refusal) {
    if (newestFirst.isEmpty()) {
      return refusal
          .map(why -> new Attempt.Underway(BuilderRefused, "The builder pod is refused: " + why))
          .orElseGet(
              () ->
                  new Attempt.Underway(BuilderPending, "Job %s has no pod yet.".formatted(name())));
    }
    var last = lastFailure();
    var pod = newestFirst.getFirst();
    return switch (pod.getStatus() == null ? null : pod.getStatus().getPhase()) {
      case "Running", "Succeeded" -> {
        var now = "Job %s builds; see kubectl logs job/%1$s.".formatted(name());
        yield new Attempt.Underway(
            Building, last.map(f -> now + " The try before failed: " + f.message()).orElse(now));
      }
      case "Failed" ->
          last.map(f -> new Attempt.Underway(f.reason(), f.message() + " It is tried again."))
              .orElseThrow();
      case null, default -> PodDelay.of(job, pod);
    };
  }

  /** Why a Job that gave up did so. */
  Failure failure(JobCondition failed) {
    if ("DeadlineExceeded".equals(failed.getReason())) {
      return new Failure(
          BuildTimeout,
          "The build was not done within %d s. Raise spec.build.timeoutSeconds, or see what it waited for: kubectl describe job/%s."
              .formatted(job.getSpec().getActiveDeadlineSeconds(), name()),
          Retry.SELDOM);
    }
    return lastFailure()
        .orElseGet(
            () ->
                new Failure(
                    BuilderCrashed,
                    "Job %s failed and its pods are gone: %s"
                        .formatted(name(), failed.getMessage()),
                    Retry.SELDOM));
  }

  /**
   * A Job that ended well, and that has told nobody what it published.
   *
   * @param again whether another build may bring it to light
   */
  Failure lost(boolean again) {
    var what =
        newestFirst.isEmpty()
            ? "Job %s is done, but its pod was removed before its report was read."
            : "Job %s is done, but its pod's last words are no report.";
    var remedy =
        newestFirst.isEmpty()
            ? " Find out what removes pods that have ended (a clean-up job, the controller"
                + " manager's terminated-pod-gc-threshold) and spare those with the label "
                + Owned.IMAGE
            : " Ask the platform team whether builder.image in the operator's chart is the"
                + " builder of the operator's version";
    return new Failure(
        ReportLost,
        what.formatted(name())
            + (again ? "" : remedy + "; then delete Job %s to build again.".formatted(name())),
        again ? Retry.SOON : Retry.NEVER);
  }

  private Optional<Failure> lastFailure() {
    return newestFirst.stream()
        .filter(pod -> pod.getStatus() != null && "Failed".equals(pod.getStatus().getPhase()))
        .map(pod -> PodFailure.of(pod, asked(job)))
        .findFirst();
  }

  /** The container that the Job asks for. */
  static Optional<Container> asked(Job job) {
    return job.getSpec().getTemplate().getSpec().getContainers().stream().findFirst();
  }

  private String name() {
    return job.getMetadata().getName();
  }

  private static String created(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
  }
}
