package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import java.io.IOException;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * What a registry calls a manifest, and may be anything.
 *
 * @param digest {@code sha256:…} of its bytes
 */
record Document(String digest, JsonNode json) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** Media types of all that is understood, and of schema 1, so that it can be named. */
  static final List<String> TYPES =
      List.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.docker.distribution.manifest.v1+prettyjws",
          "application/vnd.docker.distribution.manifest.v1+json");

  static Document parse(byte[] bytes) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    sha256.update(bytes);
    JsonNode json = JSON.readTree(bytes);
    if (!json.isObject()) {
      throw new Malformed("it is no manifest of an image");
    }
    return new Document(Digest.text(sha256), json);
  }

  boolean isSchema1() {
    return json.path("schemaVersion").asInt() == 1;
  }

  boolean isIndex() {
    return json.path("manifests").isArray();
  }

  /**
   * The image that it describes.
   *
   * @param reported {@code sha256:…} that the reference led to
   */
  Manifest image(String reported) throws IOException, DigestException {
    JsonNode layers = json.path("layers");
    String type = json.path("mediaType").asText("");
    if (!layers.isArray() || !(type.isEmpty() || TYPES.contains(type))) {
      throw new Malformed("it is no manifest of OCI or Docker schema 2");
    }
    List<Manifest.Blob> blobs = new ArrayList<>();
    for (JsonNode layer : layers) {
      blobs.add(blob("a layer", layer));
    }
    return new Manifest(
        reported, blob("the configuration", json.path("config")), List.copyOf(blobs));
  }

  private static Manifest.Blob blob(String what, JsonNode descriptor)
      throws Malformed, DigestException {
    JsonNode digest = descriptor.path("digest");
    JsonNode size = descriptor.path("size");
    if (!digest.isTextual()) {
      throw new Malformed("its manifest names no digest of " + what);
    }
    if (!size.canConvertToLong() || size.asLong() < 0) {
      throw new Malformed("its manifest says no size of " + what);
    }
    return new Manifest.Blob(
        DescriptorDigest.fromDigest(digest.asText()).toString(), size.asLong());
  }
}
