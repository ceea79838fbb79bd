package dev.unikernel.builder.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.builder.registry.Manifest;
import dev.unikernel.builder.registry.TestRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Images in a test registry. */
public record TestImage(TestRegistry registry) {
  public static final Kind OCI =
      new Kind(
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.oci.image.config.v1+json",
          "application/vnd.oci.image.layer.v1.tar+gzip");
  public static final Kind DOCKER =
      new Kind(
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.docker.container.image.v1+json",
          "application/vnd.docker.image.rootfs.diff.tar.gzip");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The media types of a dialect. */
  public record Kind(String manifest, String config, String layer) {}

  /** A configuration blob in the making. */
  public record Config(String architecture, Map<String, Object> run) {
    public Config with(String name, Object value) {
      Map<String, Object> more = new LinkedHashMap<>(run);
      more.put(name, value);
      return new Config(architecture, more);
    }

    public byte[] json(List<String> diffIds) throws JsonProcessingException {
      return JSON.writeValueAsBytes(
          Map.of(
              "architecture",
              architecture,
              "os",
              "linux",
              "config",
              run,
              "rootfs",
              Map.of("type", "layers", "diff_ids", diffIds)));
    }
  }

  public static Config config(String architecture) {
    return new Config(architecture, Map.of());
  }

  /**
   * Pushes an image whose configuration names no diff ids.
   *
   * @return the manifest's digest
   */
  public String push(String repository, String tag, Config config, List<byte[]> layers)
      throws Exception {
    List<Manifest.Blob> blobs = new ArrayList<>();
    for (byte[] layer : layers) {
      blobs.add(registry.put(repository, layer));
    }
    return push(repository, tag, config.json(List.of()), blobs, OCI);
  }

  public String push(
      String repository, String tag, byte[] config, List<Manifest.Blob> layers, Kind kind)
      throws Exception {
    Manifest.Blob configBlob = registry.put(repository, config);
    String json =
        JSON.writeValueAsString(
            Map.of(
                "schemaVersion",
                2,
                "mediaType",
                kind.manifest(),
                "config",
                descriptor(kind.config(), configBlob),
                "layers",
                layers.stream().map(layer -> descriptor(kind.layer(), layer)).toList()));
    return registry.putManifest(repository, tag, kind.manifest(), json);
  }

  /** Pushes an index: architecture to manifest digest. */
  public String pushIndex(String repository, String tag, Map<String, String> manifests)
      throws Exception {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (var manifest : manifests.entrySet()) {
      Map<String, Object> entry =
          new LinkedHashMap<>(
              descriptor(
                  OCI.manifest(),
                  new Manifest.Blob(
                      manifest.getValue(),
                      registry.manifest(repository, manifest.getValue()).length)));
      entry.put("platform", Map.of("os", "linux", "architecture", manifest.getKey()));
      entries.add(entry);
    }
    String type = "application/vnd.oci.image.index.v1+json";
    return registry.putManifest(
        repository,
        tag,
        type,
        JSON.writeValueAsString(
            Map.of("schemaVersion", 2, "mediaType", type, "manifests", entries)));
  }

  private static Map<String, Object> descriptor(String mediaType, Manifest.Blob blob) {
    return Map.of("mediaType", mediaType, "digest", blob.digest(), "size", blob.size());
  }
}
