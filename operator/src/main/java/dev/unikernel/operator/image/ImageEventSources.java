package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.InformerCache;
import dev.unikernel.operator.kube.MetadataOnly;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.kube.SparseStore;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Reason;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector.Field;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What wakes the image reconciler beside the UnikernelImages themselves. Lists come in pages, and
 * of each object only what a pass reads is kept.
 */
final class ImageEventSources {
  private static final String OURS = Owned.MANAGED_BY + "=" + Owned.OPERATOR + "," + Owned.IMAGE;

  private ImageEventSources() {}

  static InformerEventSource<Job, UnikernelImage> jobs(EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        watch(Job.class, "builder-jobs")
            .withLabelSelector(OURS)
            .withItemStore(new SparseStore<>(CachedFields::trim))
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(UnikernelImage.class))
            .build(),
        context);
  }

  static EventSource<Pod, UnikernelImage> pods(EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        watch(Pod.class, "builder-pods")
            .withLabelSelector(OURS)
            .withItemStore(new SparseStore<>(CachedFields::trim))
            .withSecondaryToPrimaryMapper(
                pod ->
                    image(
                        Optional.ofNullable(pod.getMetadata().getLabels())
                            .map(labels -> labels.get(Owned.IMAGE)),
                        pod))
            .build(),
        context);
  }

  /** Why the API server lets a builder Job have no pod is told in Events and nowhere else. */
  static EventSource<Event, UnikernelImage> refusals(EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        watch(Event.class, "refused-builder-pods")
            .withFieldSelector(
                new FieldSelector(
                    new Field("involvedObject.kind", "Job"), new Field("reason", "FailedCreate")))
            .withItemStore(
                new SparseStore<>(event -> refusedImage(event).isPresent(), CachedFields::trim))
            .withSecondaryToPrimaryMapper(event -> image(refusedImage(event), event))
            .build(),
        context);
  }

  /** Metadata of all ConfigMaps, since a spec may name any. */
  static EventSource<ConfigMap, UnikernelImage> configMaps(
      EventSourceContext<UnikernelImage> context, ConfigMapUsers users) {
    var owners = Mappers.<ConfigMap>fromOwnerReferences(UnikernelImage.class);
    return new InformerEventSource<>(
        watch(ConfigMap.class, "config-maps")
            .withKubernetesClient(MetadataOnly.of(context.getClient()))
            .withItemStore(new SparseStore<>(CachedFields::trim))
            .withSecondaryToPrimaryMapper(
                map -> {
                  var concerned = new HashSet<>(users.of(ResourceID.fromResource(map)));
                  concerned.addAll(owners.toPrimaryResourceIDs(map));
                  return concerned;
                })
            .build(),
        context);
  }

  /** The services that cannot pull their disk, since the registry has it no more. */
  static EventSource<UnikernelService, UnikernelImage> missingDisks(
      EventSourceContext<UnikernelImage> context) {
    return new InformerEventSource<>(
        watch(UnikernelService.class, "services-without-disk")
            .withItemStore(new SparseStore<>(ImageEventSources::missesItsDisk, CachedFields::trim))
            .withSecondaryToPrimaryMapper(
                service ->
                    image(
                        Optional.ofNullable(service.getSpec()).map(spec -> spec.image().name()),
                        service))
            .withGenericFilter(ImageEventSources::missesItsDisk)
            .build(),
        context);
  }

  private static boolean missesItsDisk(UnikernelService service) {
    var status = service.getStatus();
    return service.getSpec() != null
        && status != null
        && status.image() != null
        && status.image().digest() != null
        && ConditionSet.find(status.conditions(), ConditionSet.READY)
            .filter(ready -> Reason.Shared.DiskMissing.name().equals(ready.reason()))
            .isPresent();
  }

  private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watch(
      Class<R> kind, String name) {
    return InformerEventSourceConfiguration.from(kind, UnikernelImage.class)
        .withName(name)
        .withInformerListLimit(InformerCache.LIST_LIMIT);
  }

  private static Optional<String> refusedImage(Event event) {
    return Optional.ofNullable(event.getInvolvedObject().getName()).flatMap(BuilderJob::image);
  }

  private static Set<ResourceID> image(Optional<String> name, HasMetadata object) {
    return name.map(image -> Set.of(new ResourceID(image, object.getMetadata().getNamespace())))
        .orElse(Set.of());
  }
}
