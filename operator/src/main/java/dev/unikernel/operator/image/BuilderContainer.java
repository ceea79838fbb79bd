package dev.unikernel.operator.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.report.BuildReport;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/** The builder container of one pod, as the kubelet reports it. */
record BuilderContainer(Pod pod) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Why it has not started, if it has not. */
  Optional<ContainerStateWaiting> waiting() {
    return state().map(ContainerState::getWaiting).filter(waiting -> waiting.getReason() != null);
  }

  /** How it ended, if it has. */
  Optional<ContainerStateTerminated> end() {
    return state().map(ContainerState::getTerminated);
  }

  /** Whether it has run, for however long. */
  boolean started() {
    return state().filter(state -> state.getRunning() != null || ran(state)).isPresent();
  }

  private static boolean ran(ContainerState state) {
    return state.getTerminated() != null && state.getTerminated().getStartedAt() != null;
  }

  /**
   * The other containers that still run, once this one has ended; they keep the pod from ending.
   */
  List<String> keptBy() {
    return end().isEmpty()
        ? List.of()
        : pod.getStatus().getContainerStatuses().stream()
            .filter(status -> status.getState() != null && status.getState().getRunning() != null)
            .map(ContainerStatus::getName)
            .toList();
  }

  /** What the builder says that it made; empty where its last words are no whole report of that. */
  Optional<BuildReport> published() {
    return report()
        .filter(report -> report.artifact() != null && report.artifact().registry() != null)
        .filter(report -> report.surface() != null && report.sourceSurface() != null);
  }

  /** Why the builder says that it failed; empty where its last words do not say. */
  Optional<BuildReport.BuildError> error() {
    return report()
        .map(BuildReport::error)
        .filter(error -> error.code() != null && error.message() != null)
        .filter(error -> !error.message().isBlank());
  }

  /** The last line that it wrote, which is all that there is where it died without a report. */
  String lastLine() {
    return end()
        .map(ContainerStateTerminated::getMessage)
        .flatMap(log -> log.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b))
        .orElse("nothing");
  }

  private Optional<BuildReport> report() {
    return end().map(ContainerStateTerminated::getMessage).flatMap(BuilderContainer::parse);
  }

  private static Optional<BuildReport> parse(String message) {
    try {
      return Optional.ofNullable(JSON.readValue(message, BuildReport.class));
    } catch (JsonProcessingException notOurs) {
      return Optional.empty();
    }
  }

  private Optional<ContainerState> state() {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getContainerStatuses().stream()
            .filter(status -> BuilderPod.CONTAINER.equals(status.getName()))
            .findFirst()
            .map(ContainerStatus::getState);
  }
}
