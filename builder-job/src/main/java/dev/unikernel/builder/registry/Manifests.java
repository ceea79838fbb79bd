package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate.ContentDescriptorTemplate;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import java.util.ArrayList;
import java.util.List;

/** Reads what registries call a manifest and may be anything. */
final class Manifests {
  private Manifests() {}

  /** A call of Jib's that walks into nulls wherever the JSON lacks something. */
  static <T> T sound(Retry.Call<T> call) throws Exception {
    try {
      return call.run();
    } catch (NullPointerException | IllegalArgumentException | ClassCastException nonsense) {
      throw new Malformed("it is no manifest of an image", nonsense);
    }
  }

  /**
   * The image that a manifest describes.
   *
   * @param digest that the reference led to
   */
  static Manifest read(String digest, ManifestTemplate template) throws Exception {
    if (!(template instanceof BuildableManifestTemplate manifest)) {
      throw new Malformed("it is no manifest of OCI or Docker schema 2");
    }
    List<Manifest.Blob> layers = new ArrayList<>();
    for (ContentDescriptorTemplate layer : sound(manifest::getLayers)) {
      layers.add(blob("a layer", layer));
    }
    return new Manifest(
        digest,
        blob("the configuration", manifest.getContainerConfiguration()),
        List.copyOf(layers));
  }

  private static Manifest.Blob blob(String what, ContentDescriptorTemplate descriptor)
      throws Malformed {
    if (descriptor == null || descriptor.getDigest() == null) {
      throw new Malformed("its manifest names no digest of " + what);
    }
    if (descriptor.getSize() < 0) {
      throw new Malformed("its manifest says that %s has less than no bytes".formatted(what));
    }
    return new Manifest.Blob(descriptor.getDigest().toString(), descriptor.getSize());
  }
}
