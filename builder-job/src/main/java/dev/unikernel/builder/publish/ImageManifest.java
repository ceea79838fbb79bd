package dev.unikernel.builder.publish;

import com.google.cloud.tools.jib.hash.Digests;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import dev.unikernel.builder.registry.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** An OCI image manifest (image-spec, manifest.md) with annotations; Jib's own has none. */
final class ImageManifest implements ManifestTemplate {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  @SuppressWarnings("UnusedVariable") // written to JSON
  private final int schemaVersion = 2;

  @SuppressWarnings("UnusedVariable") // written to JSON
  private final String mediaType = TYPE;

  @SuppressWarnings("UnusedVariable") // written to JSON
  private final Descriptor config;

  @SuppressWarnings("UnusedVariable") // written to JSON
  private final List<Descriptor> layers;

  @SuppressWarnings("UnusedVariable") // written to JSON
  private final SortedMap<String, String> annotations;

  private record Descriptor(String mediaType, String digest, long size) {}

  ImageManifest(
      Manifest.Blob config, List<Manifest.Blob> layers, SortedMap<String, String> annotations) {
    this.config = new Descriptor(CONFIG, config.digest(), config.size());
    this.layers =
        layers.stream().map(layer -> new Descriptor(LAYER, layer.digest(), layer.size())).toList();
    this.annotations = new TreeMap<>(annotations);
  }

  String digest() {
    try {
      return Digests.computeJsonDigest(this).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int getSchemaVersion() {
    return schemaVersion;
  }

  @Override
  public String getManifestMediaType() {
    return mediaType;
  }
}
