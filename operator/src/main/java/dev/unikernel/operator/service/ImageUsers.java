package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which services use an image: noted at the beginning of each pass, before the image is read, so
 * that no change of the image is missed and no event searches through all services.
 */
final class ImageUsers {
  private final Map<ResourceID, Set<ResourceID>> users = new ConcurrentHashMap<>();

  /** The image that a service names; a spec that cannot be read names none. */
  static Optional<ResourceID> image(UnikernelService service) {
    return Optional.ofNullable(service.getSpec())
        .map(spec -> new ResourceID(spec.image().name(), service.getMetadata().getNamespace()));
  }

  /** Notes what the service names now. */
  void note(UnikernelService service) {
    image(service)
        .ifPresent(
            image ->
                users
                    .computeIfAbsent(image, _ -> ConcurrentHashMap.newKeySet())
                    .add(ResourceID.fromResource(service)));
  }

  /**
   * The services that use the image; those that name another one by now, or are gone, are
   * forgotten.
   */
  Set<ResourceID> of(UnikernelImage image, Cache<UnikernelService> services) {
    var id = ResourceID.fromResource(image);
    var known = users.get(id);
    if (known == null) {
      return Set.of();
    }
    known.removeIf(
        user -> services.get(user).flatMap(ImageUsers::image).filter(id::equals).isEmpty());
    return Set.copyOf(known);
  }
}
