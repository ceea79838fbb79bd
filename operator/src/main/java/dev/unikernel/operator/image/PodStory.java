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

  /** The report of a pod that published a disk, even while other containers still run in it. */
  Optional<BuildReport> published() {
    return newestFirst.stream()
        .map(BuilderContainer::new)
        .map(BuilderContainer::published)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Containers that still run in the pod of a builder that has ended. */
  List<String> keptBy() {
    return newestFirst.stream()
        .findFirst()
        .map(BuilderContainer::new)
        .map(BuilderContainer::keptBy)
        .orElse(List.of());
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

  /** A Job that has ended while its pod is not seen to have. */
  Attempt.Underway reportAwaited() {
    return new Attempt.Underway(
        Building, "Job %s has ended; the report of its pod is awaited.".formatted(name()));
  }

  /** Why the builder failed whose pod another container keeps from ending, so the Job goes on. */
  Optional<Failure> lastWords() {
    return newestFirst.stream()
        .findFirst()
        .filter(pod -> !new BuilderContainer(pod).keptBy().isEmpty())
        .map(pod -> PodFailure.of(pod, asked(job)))
        .map(
            failure ->
                new Failure(
                    failure.reason(),
                    "%s Its pod does not end, since this runs on in it: %s. Keep that out of pods with the label %s."
                        .formatted(failure.message(), String.join(", ", keptBy()), Owned.IMAGE),
                    failure.retry()));
  }

  /**
   * Why a Job that gave up did so, as its pods tell. Empty where none is seen to have failed.
   *
   * @param failed the Job's condition
   */
  Optional<Failure> failure(JobCondition failed) {
    if ("DeadlineExceeded".equals(failed.getReason())) {
      return Optional.of(
          newestFirst.stream().map(BuilderContainer::new).anyMatch(BuilderContainer::started)
              ? new Failure(
                  BuildTimeout,
                  "The build was not done in time. Raise spec.build.timeoutSeconds, or see what it waited for: kubectl describe job/%s."
                      .formatted(name()),
                  Retry.SELDOM)
              : new Failure(
                  BuilderPending,
                  "Job %s was ended before its pod had started.".formatted(name()),
                  Retry.SOON));
    }
    return lastFailure();
  }

  /** A Job that gave up and whose pods are gone. */
  Failure podsGone(JobCondition failed) {
    return new Failure(
        BuilderCrashed,
        "Job %s failed and its pods are gone: %s".formatted(name(), failed.getMessage()),
        Retry.SELDOM);
  }

  /**
   * A Job that succeeded, but whose report of what it published is lost.
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
