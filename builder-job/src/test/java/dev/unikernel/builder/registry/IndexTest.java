package dev.unikernel.builder.registry;

import static dev.unikernel.builder.registry.ScriptedRegistry.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which image of an index is taken: the one that containerd takes. */
class IndexTest {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  private final Map<String, String> blobs = new HashMap<>();

  private String put(String content) {
    String digest = TestRegistry.digest(content.getBytes(UTF_8));
    blobs.put(digest, content);
    return digest;
  }

  /** An image whose only layer has as many bytes as {@code name} has letters. */
  private String image(String name, String architecture) {
    String config = "{\"architecture\": \"%s\", \"os\": \"linux\"}".formatted(architecture);
    return put(
        """
        {"schemaVersion": 2, "mediaType": "%s",
         "config": {"mediaType": "c", "size": %d, "digest": "%s"},
         "layers": [{"mediaType": "%s", "size": 1, "digest": "%s"}]}
        """
            .formatted(IMAGE, config.length(), put(config), name, put(name)));
  }

  private static String entry(String digest, String more) {
    return "{\"mediaType\": \"m\", \"size\": 1, \"digest\": \"%s\"%s}".formatted(digest, more);
  }

  private static String platform(String os, String architecture, String variant) {
    return ", \"platform\": {\"os\": \"%s\", \"architecture\": \"%s\"%s}"
        .formatted(os, architecture, variant.isEmpty() ? "" : ", \"variant\": \"" + variant + "\"");
  }

  private String index(String... entries) {
    return put(
        "{\"schemaVersion\": 2, \"mediaType\": \"%s\", \"manifests\": [%s]}"
            .formatted(INDEX, String.join(",", entries)));
  }

  /** The name of the image that is taken. */
  private String taken(String index) throws IOException {
    try (ScriptedRegistry registry =
        new ScriptedRegistry(
            request -> {
              String path = request.getRequestURI().getPath();
              String name = path.substring(path.lastIndexOf('/') + 1);
              String content = blobs.get(name.equals("1") ? index : name);
              answer(request, content == null ? 404 : 200, content == null ? "" : content);
            })) {
      Manifest manifest =
          new RegistryAccess(Set.of(registry.host()), Logins.none(), Duration.ZERO, line -> {})
              .open(registry.host() + "/app:1", Purpose.PULL_SOURCE)
              .repository()
              .manifest("1", "amd64");
      assertThat(manifest.digest()).isEqualTo(index);
      return blobs.get(manifest.layers().getFirst().digest());
    }
  }

  @ParameterizedTest
  @CsvSource({"v3 v2 v1 none, none", "v3 v2 v1, v1", "v4 v3 v2, v2", "v3, v3", "none v1, none"})
  void theMostGeneralVariantIsTaken(String variants, String expected) throws IOException {
    String index =
        index(
            Stream.concat(
                    Stream.of(entry(image("arm", "arm64"), platform("linux", "arm64", "v8"))),
                    Stream.of(variants.split(" ", -1))
                        .map(
                            variant ->
                                entry(
                                    image(variant, "amd64"),
                                    platform(
                                        "linux", "amd64", variant.equals("none") ? "" : variant))))
                .toArray(String[]::new));
    assertThat(taken(index)).isEqualTo(expected);
  }

  @Test
  void anEntryWithoutPlatformIsWhatItsConfigurationSays() throws IOException {
    assertThat(taken(index(entry(image("arm", "arm64"), ""), entry(image("amd", "amd64"), ""))))
        .isEqualTo("amd");
    assertThat(
            taken(
                index(
                    entry(image("silent", "amd64"), ""),
                    entry(image("said", "amd64"), platform("linux", "amd64", "")))))
        .isEqualTo("said");
    assertThat(taken(index(entry(image("alias", "x86_64"), platform("linux", "x86_64", "")))))
        .isEqualTo("alias");
  }

  @Test
  void attestationsAndOtherSystemsAreNoImages() throws IOException {
    String attestation = image("attestation", "amd64");
    assertThat(
            taken(
                index(
                    entry(attestation, platform("unknown", "unknown", "")),
                    entry(
                        attestation,
                        ", \"annotations\": {\"vnd.docker.reference.type\": \"attestation-manifest\"}"),
                    entry(image("windows", "amd64"), platform("windows", "amd64", "")),
                    entry(image("amd", "amd64"), platform("linux", "amd64", "")))))
        .isEqualTo("amd");
  }

  @Test
  void anIndexInAnIndexIsFollowedAndNotWithoutEnd() throws IOException {
    String inner = index(entry(image("inner", "amd64"), platform("linux", "amd64", "")));
    assertThat(taken(index(entry(inner, "")))).isEqualTo("inner");
    String deep = inner;
    for (int i = 0; i < 20; i++) {
      deep = index(entry(deep, ""));
    }
    String bottomless = deep;
    assertThatThrownBy(() -> taken(bottomless))
        .hasMessageContaining("has no image for linux/amd64");
  }
}
