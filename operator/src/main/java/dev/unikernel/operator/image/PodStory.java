package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.ImageReason.BuildTimeout;
import static dev.unikernel.operator.image.ImageReason.BuilderCrashed;
import static dev.unikernel.operator.image.ImageReason.BuilderImageUnavailable;
import static dev.unikernel.operator.image.ImageReason.BuilderNotStarted;
import static dev.unikernel.operator.image.ImageReason.BuilderPending;
import static dev.unikernel.operator.image.ImageReason.BuilderRefused;
import static dev.unikernel.operator.image.ImageReason.BuilderUnschedulable;
import static dev.unikernel.operator.image.ImageReason.Building;
import static dev.unikernel.operator.image.ImageReason.OutOfMemory;
import static dev.unikernel.operator.image.ImageReason.ReportLost;
import static dev.unikernel.operator.image.ImageReason.ScratchFull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the pods of one builder Job say, in the user's words. */
final class PodStory {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** What the JVM ends with under -XX:+ExitOnOutOfMemoryError. */
  private static final int EXIT_HEAP_FULL = 3;

  private static final Set<String> PULL_TROUBLE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");
  private static final Set<String> START_TROUBLE =
      Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

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
        .map(PodStory::report)
        .flatMap(Optional::stream)
        .filter(report -> report.artifact() != null)
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
      case null, default -> heldUp(pod);
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
        .map(this::ended)
        .findFirst();
  }

  private Failure ended(Pod pod) {
    var error = report(pod).map(BuildReport::error);
    if (error.isPresent()) {
      return of(error.get());
    }
    var end = terminated(pod);
    var exit = end.map(ContainerStateTerminated::getExitCode).orElse(null);
    if (end.filter(e -> "OOMKilled".equals(e.getReason())).isPresent()
        || Objects.equals(exit, EXIT_HEAP_FULL)) {
      return new Failure(
          OutOfMemory,
          "The builder needed more memory than its limit of %s. Give spec.build.resources.limits.memory more than that."
              .formatted(limit("memory")),
          Retry.NEVER);
    }
    if ("Evicted".equals(pod.getStatus().getReason())) {
      return evicted(pod.getStatus().getMessage());
    }
    return new Failure(
        BuilderCrashed,
        "The builder ended with exit code %s and said: %s".formatted(exit, lastLine(end)),
        Retry.SELDOM);
  }

  private static Failure of(BuildError error) {
    var retry =
        switch (error.code()) {
          case PullRefused, PushRefused, KernelRefused, Internal -> Retry.SELDOM;
          default -> error.code().retryable() ? Retry.SOON : Retry.NEVER;
        };
    var message = Stream.of(error.message(), error.remedy()).filter(Objects::nonNull);
    return new Failure(
        ImageReason.of(error.code()),
        message.map(PodStory::sentence).collect(Collectors.joining(" ")),
        retry);
  }

  /** With a capital letter, unless it starts with a name or a path, and a full stop. */
  private static String sentence(String words) {
    var word = words.split(" ", 2)[0].chars().allMatch(Character::isLetter);
    var start = word ? words.substring(0, 1).toUpperCase(Locale.ROOT) : words.substring(0, 1);
    return start + words.substring(1).replaceAll("\\.$", "") + ".";
  }

  private Failure evicted(String why) {
    var scratch = why != null && (why.contains("EmptyDir") || why.contains("ephemeral"));
    return scratch
        ? new Failure(
            ScratchFull,
            "The build needed more scratch space than it may have (%s). Give spec.build.resources.limits.ephemeral-storage more."
                .formatted(why),
            Retry.NEVER)
        : new Failure(BuilderCrashed, "The node put the builder out: " + why, Retry.SOON);
  }

  private Attempt.Underway heldUp(Pod pod) {
    var unschedulable =
        pod.getStatus() == null
            ? Optional.<String>empty()
            : pod.getStatus().getConditions().stream()
                .filter(c -> "PodScheduled".equals(c.getType()) && "False".equals(c.getStatus()))
                .map(PodCondition::getMessage)
                .filter(Objects::nonNull)
                .findFirst();
    if (unschedulable.isPresent()) {
      return new Attempt.Underway(
          BuilderUnschedulable,
          "No node takes the builder pod: %s. Look at spec.build.resources, nodeSelector and tolerations."
              .formatted(unschedulable.get().replaceAll("\\.$", "")));
    }
    var waiting =
        container(pod)
            .map(ContainerStatus::getState)
            .map(ContainerState::getWaiting)
            .filter(state -> state.getReason() != null);
    if (waiting.filter(state -> PULL_TROUBLE.contains(state.getReason())).isPresent()) {
      return new Attempt.Underway(
          BuilderImageUnavailable,
          "The builder image %s cannot be pulled (%s). That is the platform team's to mend."
              .formatted(
                  builder().map(Container::getImage).orElse("?"), waiting.get().getReason()));
    }
    if (waiting.filter(state -> START_TROUBLE.contains(state.getReason())).isPresent()) {
      return new Attempt.Underway(
          BuilderNotStarted,
          "The builder container does not start (%s): %s"
              .formatted(waiting.get().getReason(), waiting.get().getMessage()));
    }
    return new Attempt.Underway(
        BuilderPending, "Job %s waits for its pod to start.".formatted(name()));
  }

  private static Optional<BuildReport> report(Pod pod) {
    return terminated(pod)
        .map(ContainerStateTerminated::getMessage)
        .flatMap(
            message -> {
              try {
                return Optional.of(JSON.readValue(message, BuildReport.class));
              } catch (JsonProcessingException notOurs) {
                return Optional.empty();
              }
            });
  }

  private static Optional<ContainerStateTerminated> terminated(Pod pod) {
    return container(pod).map(ContainerStatus::getState).map(ContainerState::getTerminated);
  }

  private static Optional<ContainerStatus> container(Pod pod) {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getContainerStatuses().stream()
            .filter(status -> BuilderPod.CONTAINER.equals(status.getName()))
            .findFirst();
  }

  private Optional<Container> builder() {
    return job.getSpec().getTemplate().getSpec().getContainers().stream().findFirst();
  }

  private String limit(String resource) {
    return builder()
        .map(Container::getResources)
        .map(resources -> resources.getLimits().get(resource))
        .map(Quantity::toString)
        .orElse("none");
  }

  private static String lastLine(Optional<ContainerStateTerminated> end) {
    return end.map(ContainerStateTerminated::getMessage)
        .flatMap(log -> log.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b))
        .orElse("nothing");
  }

  private String name() {
    return job.getMetadata().getName();
  }

  private static String created(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
  }
}
