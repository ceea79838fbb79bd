package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.SparseStore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpecBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Trims what the caches of builds keep to the fields that a pass reads. In place: see {@link
 * SparseStore}.
 */
final class CachedFields {
  private CachedFields() {}

  /** It arrives as a PartialObjectMetadata, and is deleted as the ConfigMap that it is. */
  static void trim(ConfigMap map) {
    var kind = new ConfigMap();
    map.setApiVersion(kind.getApiVersion());
    map.setKind(kind.getKind());
    map.setMetadata(identity(map.getMetadata()));
  }

  static void trim(Job job) {
    var annotations = new HashMap<>(orEmpty(job.getMetadata().getAnnotations()));
    annotations.keySet().retainAll(List.of(BuilderJob.INPUTS, BuilderJob.SETTINGS));
    job.setMetadata(identity(job.getMetadata()));
    job.getMetadata().setAnnotations(annotations);
    job.setSpec(
        new JobSpecBuilder()
            .withNewTemplate()
            .withNewSpec()
            .withContainers(PodStory.asked(job).map(CachedFields::of).stream().toList())
            .endSpec()
            .endTemplate()
            .build());
  }

  static void trim(Pod pod) {
    var labels = pod.getMetadata().getLabels();
    pod.setMetadata(identity(pod.getMetadata()));
    pod.getMetadata().setLabels(orEmpty(labels));
    pod.setSpec(null);
    pod.setStatus(pod.getStatus() == null ? null : of(pod.getStatus()));
  }

  static void trim(Event event) {
    event.setMetadata(identity(event.getMetadata()));
  }

  /** The image that it runs and what it says of its disk. */
  static void trim(UnikernelService service) {
    service.setMetadata(identity(service.getMetadata()));
  }

  private static Container of(Container asked) {
    return new ContainerBuilder()
        .withName(asked.getName())
        .withImage(asked.getImage())
        .withResources(asked.getResources())
        .withEnv(asked.getEnv())
        .build();
  }

  private static PodStatus of(PodStatus status) {
    return new PodStatusBuilder()
        .withPhase(status.getPhase())
        .withReason(status.getReason())
        .withMessage(status.getMessage())
        .withConditions(status.getConditions())
        .withContainerStatuses(
            status.getContainerStatuses().stream().map(CachedFields::of).toList())
        .build();
  }

  private static ContainerStatus of(ContainerStatus container) {
    return new ContainerStatusBuilder()
        .withName(container.getName())
        .withState(container.getState())
        .build();
  }

  private static ObjectMeta identity(ObjectMeta meta) {
    return new ObjectMetaBuilder()
        .withName(meta.getName())
        .withNamespace(meta.getNamespace())
        .withUid(meta.getUid())
        .withResourceVersion(meta.getResourceVersion())
        .withCreationTimestamp(meta.getCreationTimestamp())
        .withDeletionTimestamp(meta.getDeletionTimestamp())
        .withOwnerReferences(meta.getOwnerReferences())
        .build();
  }

  private static Map<String, String> orEmpty(Map<String, String> map) {
    return Objects.requireNonNullElse(map, Map.of());
  }
}
