package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which images take files from which ConfigMap, so that a change of a ConfigMap costs one look-up
 * however many images there are. It follows the images' own events and every pass over one of them:
 * a pass reads its ConfigMaps after it has said which they are, and so a change is either read by
 * that pass or finds the image here. An index of the informer would not do: in fabric8 7.5 it may
 * miss an entry while it is being written.
 */
final class ConfigMapUsers extends AbstractEventSource<Void, UnikernelImage>
    implements ResourceEventAware<UnikernelImage> {
  private final Map<ResourceID, Set<ResourceID>> images = new HashMap<>();
  private final Map<ResourceID, Set<ResourceID>> configMaps = new HashMap<>();

  ConfigMapUsers() {
    super(Void.class, "config-map-users");
  }

  /** The images that name this ConfigMap. */
  synchronized Set<ResourceID> of(ResourceID configMap) {
    return Set.copyOf(images.getOrDefault(configMap, Set.of()));
  }

  /** Takes down what the spec of {@code image} names now. */
  synchronized void note(UnikernelImage image) {
    var id = ResourceID.fromResource(image);
    forget(id);
    var named = new HashSet<ResourceID>();
    for (var name : Resolver.configMapNames(image)) {
      var map = new ResourceID(name, image.getMetadata().getNamespace());
      named.add(map);
      images.computeIfAbsent(map, _ -> new HashSet<>()).add(id);
    }
    if (!named.isEmpty()) {
      configMaps.put(id, named);
    }
  }

  private void forget(ResourceID image) {
    var named = configMaps.remove(image);
    if (named != null) {
      named.forEach(
          map ->
              images.computeIfPresent(
                  map,
                  (_, users) -> {
                    users.remove(image);
                    return users.isEmpty() ? null : users;
                  }));
    }
  }

  @Override
  public void onResourceCreated(UnikernelImage image) {
    note(image);
  }

  @Override
  public void onResourceUpdated(UnikernelImage image, UnikernelImage before) {
    note(image);
  }

  @Override
  public synchronized void onResourceDeleted(UnikernelImage image) {
    forget(ResourceID.fromResource(image));
  }

  @Override
  public Set<Void> getSecondaryResources(UnikernelImage image) {
    return Set.of();
  }
}
