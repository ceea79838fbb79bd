package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.ImageReason.BuilderImageUnavailable;
import static dev.unikernel.operator.image.ImageReason.BuilderNotStarted;
import static dev.unikernel.operator.image.ImageReason.BuilderPending;
import static dev.unikernel.operator.image.ImageReason.BuilderUnschedulable;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What a builder pod that does not run yet waits for. */
final class PodDelay {
  private static final Set<String> PULL_TROUBLE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");
  private static final Set<String> START_TROUBLE =
      Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

  private PodDelay() {}

  static Attempt.Underway of(Job job, Pod pod) {
    return unschedulable(pod)
        .or(() -> new BuilderContainer(pod).waiting().flatMap(waiting -> trouble(job, waiting)))
        .orElseGet(
            () ->
                new Attempt.Underway(
                    BuilderPending,
                    "Job %s waits for its pod to start.".formatted(job.getMetadata().getName())));
  }

  private static Optional<Attempt.Underway> unschedulable(Pod pod) {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getConditions().stream()
            .filter(c -> "PodScheduled".equals(c.getType()) && "False".equals(c.getStatus()))
            .map(PodCondition::getMessage)
            .filter(Objects::nonNull)
            .findFirst()
            .map(
                why ->
                    new Attempt.Underway(
                        BuilderUnschedulable,
                        "No node takes the builder pod: %s. Look at spec.build.resources, nodeSelector and tolerations."
                            .formatted(why.replaceAll("\\.$", ""))));
  }

  private static Optional<Attempt.Underway> trouble(Job job, ContainerStateWaiting waiting) {
    if (PULL_TROUBLE.contains(waiting.getReason())) {
      return Optional.of(
          new Attempt.Underway(
              BuilderImageUnavailable,
              "The builder image %s cannot be pulled (%s). Ask the platform team to check builder.image and builder.pullSecrets in the operator's Helm values."
                  .formatted(
                      PodStory.asked(job).map(Container::getImage).orElse("?"),
                      waiting.getReason())));
    }
    return START_TROUBLE.contains(waiting.getReason())
        ? Optional.of(
            new Attempt.Underway(
                BuilderNotStarted,
                "The builder container does not start (%s): %s"
                    .formatted(waiting.getReason(), waiting.getMessage())))
        : Optional.empty();
  }
}
