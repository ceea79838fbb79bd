package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.InformerCache;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.kube.SparseStore;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.Map;
import java.util.Set;

/** What wakes a UnikernelService beside its instances: its image, and its Service. */
final class ServiceEventSources {
  private ServiceEventSources() {}

  static EventSource<UnikernelImage, UnikernelService> images(
      EventSourceContext<UnikernelService> context, ImageUsers users) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(UnikernelImage.class, UnikernelService.class)
            .withName("images")
            .withInformerListLimit(InformerCache.LIST_LIMIT)
            .withItemStore(
                new SparseStore<>(
                    image -> trim(image, context.getClient().getKubernetesSerialization())))
            .withSecondaryToPrimaryMapper(image -> users.of(image, context.getPrimaryCache()))
            .withPrimaryToSecondaryMapper(
                (UnikernelService service) ->
                    ImageUsers.image(service).map(Set::of).orElse(Set.of()))
            .build(),
        context);
  }

  /** What services read of an image: its builds, its state, and where it is published. */
  private static void trim(UnikernelImage whole, KubernetesSerialization json) {
    var meta = whole.getMetadata();
    whole.setMetadata(
        new ObjectMetaBuilder()
            .withName(meta.getName())
            .withNamespace(meta.getNamespace())
            .withUid(meta.getUid())
            .withGeneration(meta.getGeneration())
            .withResourceVersion(meta.getResourceVersion())
            .build());
    var publish = whole.getSpec() == null ? null : whole.getSpec().publish();
    whole.setSpec(
        publish == null
            ? null
            : json.convertValue(Map.of("publish", publish), UnikernelImageSpec.class));
  }

  static EventSource<Service, UnikernelService> services(
      EventSourceContext<UnikernelService> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Service.class, UnikernelService.class)
            .withName("services")
            .withInformerListLimit(InformerCache.LIST_LIMIT)
            .withLabelSelector(Owned.MANAGED_BY + "=" + Owned.OPERATOR + "," + Owned.SERVICE)
            .withItemStore(new SparseStore<>(InformerCache::keepAppliers))
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(UnikernelService.class))
            .build(),
        context);
  }
}
