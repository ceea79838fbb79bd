package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What wakes the image reconciler beside the UnikernelImages themselves. */
final class ImageEventSources {
  private static final String OURS = Owned.MANAGED_BY + "=" + Owned.OPERATOR + "," + Owned.IMAGE;

  private ImageEventSources() {}

  static List<EventSource<?, UnikernelImage>> of(EventSourceContext<UnikernelImage> context) {
    return List.of(jobs(context), pods(context), configMaps(context));
  }

  private static EventSource<Job, UnikernelImage> jobs(EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Job.class, UnikernelImage.class)
            .withName("builder-jobs")
            .withLabelSelector(OURS)
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(UnikernelImage.class))
            .build(),
        context);
  }

  private static EventSource<Pod, UnikernelImage> pods(EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Pod.class, UnikernelImage.class)
            .withName("builder-pods")
            .withLabelSelector(OURS)
            .withSecondaryToPrimaryMapper(
                pod ->
                    Set.of(
                        new ResourceID(
                            pod.getMetadata().getLabels().get(Owned.IMAGE),
                            pod.getMetadata().getNamespace())))
            .build(),
        context);
  }

  /**
   * All ConfigMaps, since any may be named by a spec, but only their metadata is kept: the content
   * of the few that matter is read from the API server when a pass needs it.
   */
  private static EventSource<ConfigMap, UnikernelImage> configMaps(
      EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(ConfigMap.class, UnikernelImage.class)
            .withName("config-maps")
            .withItemStore(new TransformingItemStore<>(ImageEventSources::withoutContent))
            .withSecondaryToPrimaryMapper(map -> concerned(map, context))
            .build(),
        context);
  }

  private static ConfigMap withoutContent(ConfigMap map) {
    var meta = map.getMetadata();
    return new ConfigMapBuilder()
        .withMetadata(
            new ObjectMetaBuilder()
                .withName(meta.getName())
                .withNamespace(meta.getNamespace())
                .withUid(meta.getUid())
                .withResourceVersion(meta.getResourceVersion())
                .withOwnerReferences(meta.getOwnerReferences())
                .build())
        .build();
  }

  /** The image that a plan was made for, or all images that take a file from this map. */
  private static Set<ResourceID> concerned(
      ConfigMap map, EventSourceContext<UnikernelImage> context) {
    var name = map.getMetadata().getName();
    var namespace = map.getMetadata().getNamespace();
    var owners =
        Mappers.<ConfigMap>fromOwnerReferences(UnikernelImage.class).toPrimaryResourceIDs(map);
    return owners.isEmpty()
        ? context
            .getPrimaryCache()
            .list(namespace, image -> Resolver.configMapNames(image).contains(name))
            .map(ResourceID::fromResource)
            .collect(Collectors.toSet())
        : owners;
  }
}
