package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the caches of builds keep of an object: the fields that a pass reads. */
final class CachedFields {
  private CachedFields() {}

  static ConfigMap of(ConfigMap map) {
    return new ConfigMapBuilder().withMetadata(identity(map.getMetadata())).build();
  }

  static Job of(Job job) {
    var annotations = new HashMap<>(orEmpty(job.getMetadata().getAnnotations()));
    annotations.keySet().retainAll(List.of(BuilderJob.INPUTS, BuilderJob.SETTINGS));
    return new JobBuilder()
        .withMetadata(identity(job.getMetadata()))
        .editMetadata()
        .withAnnotations(annotations)
        .endMetadata()
        .withNewSpec()
        .withNewTemplate()
        .withNewSpec()
        .withContainers(PodStory.asked(job).map(CachedFields::of).stream().toList())
        .endSpec()
        .endTemplate()
        .endSpec()
        .withStatus(job.getStatus())
        .build();
  }

  static Pod of(Pod pod) {
    return new PodBuilder()
        .withMetadata(identity(pod.getMetadata()))
        .editMetadata()
        .withLabels(orEmpty(pod.getMetadata().getLabels()))
        .endMetadata()
        .withStatus(pod.getStatus() == null ? null : of(pod.getStatus()))
        .build();
  }

  static Event of(Event event) {
    return new EventBuilder()
        .withMetadata(identity(event.getMetadata()))
        .withInvolvedObject(event.getInvolvedObject())
        .withLastTimestamp(event.getLastTimestamp())
        .withMessage(event.getMessage())
        .build();
  }

  /** The image that it runs and what it says of its disk. */
  static UnikernelService of(UnikernelService service) {
    var kept = new UnikernelService();
    kept.setMetadata(identity(service.getMetadata()));
    kept.setSpec(service.getSpec());
    kept.setStatus(service.getStatus());
    return kept;
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
