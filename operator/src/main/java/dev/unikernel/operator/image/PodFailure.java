package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.ImageReason.BuilderCrashed;
import static dev.unikernel.operator.image.ImageReason.OutOfMemory;
import static dev.unikernel.operator.image.ImageReason.ScratchFull;
import static dev.unikernel.operator.image.ImageReason.Stopped;

import dev.unikernel.builder.report.BuildReport.BuildError;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why a builder pod failed: what the builder says itself, or what can be told without it. */
final class PodFailure {
  /** What the JVM ends with under -XX:+ExitOnOutOfMemoryError. */
  private static final int EXIT_HEAP_FULL = 3;

  private PodFailure() {}

  /**
   * The failure of {@code pod}.
   *
   * @param asked the container that its Job asked for
   */
  static Failure of(Pod pod, Optional<Container> asked) {
    var container = new BuilderContainer(pod);
    var end = container.end();
    return evicted(pod)
        .or(() -> disrupted(pod))
        .or(() -> container.error().map(PodFailure::told))
        .or(() -> end.filter(PodFailure::outOfMemory).map(_ -> memory(asked)))
        .orElseGet(() -> crashed(container));
  }

  private static Failure told(BuildError error) {
    var retry =
        switch (error.code()) {
          case PullRefused, PushRefused, KernelRefused, BuildTimeout, Internal -> Retry.SELDOM;
          default -> error.code().retryable() ? Retry.SOON : Retry.NEVER;
        };
    var words = Stream.of(error.message(), Objects.requireNonNullElse(error.remedy(), ""));
    return new Failure(
        ImageReason.of(error.code()),
        words
            .filter(text -> !text.isBlank())
            .map(PodFailure::sentence)
            .collect(Collectors.joining(" ")),
        retry);
  }

  /** With a capital letter, unless it starts with a name or a path, and a full stop. */
  private static String sentence(String words) {
    var word = words.split(" ", 2)[0].chars().allMatch(Character::isLetter);
    var start = word ? words.substring(0, 1).toUpperCase(Locale.ROOT) : words.substring(0, 1);
    return start + words.substring(1).replaceAll("\\.$", "") + ".";
  }

  private static boolean outOfMemory(ContainerStateTerminated end) {
    return "OOMKilled".equals(end.getReason()) || Objects.equals(end.getExitCode(), EXIT_HEAP_FULL);
  }

  private static Failure memory(Optional<Container> asked) {
    var limit =
        asked
            .map(Container::getResources)
            .map(resources -> resources.getLimits().get("memory"))
            .map(Quantity::toString)
            .orElse("none");
    return new Failure(
        OutOfMemory,
        "The builder needed more memory than its limit of %s. Give spec.build.resources.limits.memory more than that."
            .formatted(limit),
        Retry.NEVER);
  }

  private static Optional<Failure> evicted(Pod pod) {
    if (!"Evicted".equals(pod.getStatus().getReason())) {
      return Optional.empty();
    }
    var why = Objects.requireNonNullElse(pod.getStatus().getMessage(), "");
    return Optional.of(
        why.contains("EmptyDir") || why.contains("ephemeral")
            ? new Failure(
                ScratchFull,
                "The build needed more scratch space than it may have (%s). Give spec.build.resources.limits.ephemeral-storage more."
                    .formatted(why),
                Retry.NEVER)
            : stopped(why));
  }

  /**
   * A drain, a preemption or a lost node: what the builder says itself is only that it was told to
   * stop.
   */
  private static Optional<Failure> disrupted(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .filter(c -> "DisruptionTarget".equals(c.getType()) && "True".equals(c.getStatus()))
        .findFirst()
        .map(c -> stopped(Objects.requireNonNullElse(c.getMessage(), c.getReason())));
  }

  private static Failure stopped(String why) {
    return new Failure(
        Stopped,
        "The builder pod was stopped before the build ended: "
            + (why.isBlank() ? "its node had no room for it" : why.strip()).replaceAll("\\.$", "")
            + ".",
        Retry.SOON);
  }

  private static Failure crashed(BuilderContainer container) {
    return new Failure(
        BuilderCrashed,
        "The builder ended with exit code %s and said: %s"
            .formatted(
                container.end().map(ContainerStateTerminated::getExitCode).orElse(null),
                container.lastLine()),
        Retry.SELDOM);
  }
}
