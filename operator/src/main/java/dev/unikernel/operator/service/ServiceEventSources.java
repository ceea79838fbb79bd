package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What wakes a UnikernelService beside its instances: its image, and its Service. */
final class ServiceEventSources {
  private ServiceEventSources() {}

  static EventSource<UnikernelImage, UnikernelService> images(
      EventSourceContext<UnikernelService> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(UnikernelImage.class, UnikernelService.class)
            .withName("images")
            .withSecondaryToPrimaryMapper(image -> users(image, context))
            .withPrimaryToSecondaryMapper(
                (UnikernelService service) ->
                    image(service)
                        .map(name -> new ResourceID(name, service.getMetadata().getNamespace()))
                        .map(Set::of)
                        .orElse(Set.of()))
            .build(),
        context);
  }

  static EventSource<Service, UnikernelService> services(
      EventSourceContext<UnikernelService> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(Service.class, UnikernelService.class)
            .withName("services")
            .withLabelSelector(Owned.MANAGED_BY + "=" + Owned.OPERATOR + "," + Owned.SERVICE)
            .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(UnikernelService.class))
            .build(),
        context);
  }

  private static Set<ResourceID> users(
      UnikernelImage image, EventSourceContext<UnikernelService> context) {
    return context
        .getPrimaryCache()
        .list(
            image.getMetadata().getNamespace(),
            service -> image(service).filter(image.getMetadata().getName()::equals).isPresent())
        .map(HasMetadata.class::cast)
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  /** The image that a service names; a spec that cannot be read names none. */
  private static Optional<String> image(UnikernelService service) {
    return Optional.ofNullable(service.getSpec()).map(spec -> spec.image().name());
  }
}
