package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapper;
import io.quarkus.kubernetes.client.KubernetesResources;
import jakarta.inject.Singleton;
import java.util.stream.Stream;

/**
 * How the client reads and copies objects: as Quarkus' does, but both kinds are read from a watch
 * at once instead of by way of a generic object, and are copied without being written and read.
 */
@Singleton
class ClientSerialization extends KubernetesSerialization {
  @SuppressWarnings({"rawtypes", "unchecked"}) // the type that Quarkus gives the list
  ClientSerialization(
      @KubernetesClientObjectMapper ObjectMapper mapper, @KubernetesResources Class[] known) {
    super(mapper, false);
    Stream.concat(Stream.of(known), Stream.of(UnikernelImage.class, UnikernelService.class))
        .forEach(this::registerKubernetesResource);
  }

  @Override
  @SuppressWarnings("unchecked") // a copy of an object is of its class
  public <T> T clone(T object) {
    return switch (object) {
      case UnikernelImage image -> (T) copy(image, new UnikernelImage());
      case UnikernelService service -> (T) copy(service, new UnikernelService());
      case null, default -> super.clone(object);
    };
  }

  /** Spec and status are records, which nobody changes. */
  private static <S, T, R extends CustomResource<S, T>> R copy(R object, R copy) {
    copy.setMetadata(new ObjectMetaBuilder(object.getMetadata()).build());
    copy.setSpec(object.getSpec());
    copy.setStatus(object.getStatus());
    return copy;
  }
}
