package dev.unikernel.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.registry.Logins;
import dev.unikernel.builder.registry.Manifest;
import dev.unikernel.builder.registry.Purpose;
import dev.unikernel.builder.registry.RegistryAccess;
import dev.unikernel.builder.registry.TestRegistry;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.tree.Entry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of a real registry, with password. */
class RegistryImageTest {
  @TempDir static Path directory;
  private static TestRegistry registry;
  private static TestImage images;

  @TempDir Path scratch;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeAll
  static void start() throws Exception {
    registry = TestRegistry.start(directory, true);
    images = new TestImage(registry);
  }

  @AfterAll
  static void stop() {
    if (registry != null) {
      registry.close();
    }
  }

  private OciImage pull(String reference) throws Exception {
    return pull(reference, registry.logins(TestRegistry.USER, TestRegistry.PASSWORD));
  }

  private OciImage pull(String reference, Logins logins) throws Exception {
    Progress progress = new Progress(new PrintStream(log, true, StandardCharsets.UTF_8));
    return new OciImages(registry.access(logins), "amd64", progress)
        .pull(reference, Purpose.PULL_SOURCE, scratch);
  }

  private static void assertFails(ThrowingCallable pull, Code code, String... words) {
    assertThatThrownBy(pull)
        .isInstanceOfSatisfying(
            BuildFailure.class, failure -> assertThat(failure.error().code()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }

  @Test
  void pullsLayersOfEveryPackingWithTheImagesOwnWords() throws Exception {
    String digest =
        images.push(
            "app",
            "1",
            TestImage.config("amd64")
                .with("Entrypoint", List.of("/bin/app"))
                .with("Cmd", List.of("serve"))
                .with("Env", List.of("A=1", "B=x=y"))
                .with("WorkingDir", "/srv")
                .with("User", "app")
                .with("Volumes", Map.of("/data", Map.of())),
            List.of(
                TestLayer.gzip(new TestLayer().file("bin/app", "one").file("old", "x").tar()),
                TestLayer.zstd(new TestLayer().file("bin/app", "two").tar()),
                new TestLayer().file(".wh.old", "").tar()));
    try (OciImage image = pull(registry.host() + "/app:1")) {
      assertThat(image.digest()).isEqualTo(digest);
      assertThat(image.config())
          .satisfies(
              config -> {
                assertThat(config.entrypoint()).containsExactly("/bin/app");
                assertThat(config.command()).containsExactly("serve");
                assertThat(config.environment()).containsEntry("A", "1").containsEntry("B", "x=y");
                assertThat(config.workingDirectory()).isEqualTo("/srv");
                assertThat(config.user()).isEqualTo("app");
                assertThat(config.volumes()).containsExactly("/data");
              });
      assertThat(image.tree().entries().keySet()).containsExactly("/", "/bin", "/bin/app");
      Entry.File app = (Entry.File) image.tree().get("/bin/app").orElseThrow();
      assertThat(app.content().open()).hasContent("two");
    }
    assertThat(log.toString(StandardCharsets.UTF_8)).contains("pulling layer 2/3, 1 KiB");
    try (OciImage pinned = pull(registry.host() + "/app@" + digest)) {
      assertThat(pinned.digest()).isEqualTo(digest);
    }
  }

  @Test
  void choosesTheArchitectureFromAnIndex() throws Exception {
    String arm = images.push("multi", "arm", TestImage.config("arm64"), List.of());
    String amd = images.push("multi", "amd", TestImage.config("amd64"), List.of());
    String index = images.pushIndex("multi", "both", Map.of("arm64", arm, "amd64", amd));
    try (OciImage image = pull(registry.host() + "/multi:both")) {
      assertThat(image.config().architecture()).isEqualTo("amd64");
      assertThat(image.digest()).isEqualTo(index);
    }
    images.pushIndex("multi", "armonly", Map.of("arm64", arm));
    assertFails(
        () -> pull(registry.host() + "/multi:armonly"),
        Code.WrongArchitecture,
        "has no image for linux/amd64");
    assertFails(
        () -> pull(registry.host() + "/multi:arm"),
        Code.WrongArchitecture,
        "is an image for arm64, not for amd64");
  }

  @Test
  void saysWhetherTheLoginIsMissingOrWrong() throws Exception {
    images.push("secret", "1", TestImage.config("amd64"), List.of());
    String reference = registry.host() + "/secret:1";
    assertFails(
        () -> pull(reference, Logins.none()),
        Code.PullRefused,
        "401",
        "to a request without login");
    assertFails(
        () -> pull(reference, registry.logins(TestRegistry.USER, "wrong")),
        Code.PullRefused,
        "401",
        "to the login it was given");
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("wrong");
  }

  @Test
  void namesWhatIsNotThere() {
    assertFails(
        () -> pull(registry.host() + "/none:1"), Code.PullRefused, "/none", "404, no such name");
    assertFails(() -> pull("Not A Reference"), Code.PullRefused, "is no image reference");
  }

  @Test
  void aSilentRegistryIsWorthARetryAndPlainHttpIsNotTaken() throws Exception {
    String closed = "127.0.0.1:" + TestRegistry.freePort();
    assertFails(
        () -> pull(closed + "/app:1"), Code.SourceUnavailable, closed, "connection refused");
    RegistryAccess tlsOnly = new RegistryAccess(Set.of(), Logins.none(), Duration.ZERO, line -> {});
    assertFails(
        () ->
            new OciImages(tlsOnly, "amd64", new Progress(new PrintStream(log)))
                .pull(registry.host() + "/app:1", Purpose.PULL_SOURCE, scratch),
        Code.PullRefused,
        "no trusted TLS");
  }

  @Test
  void believesNoBlobThatIsNotItsDigest() throws Exception {
    byte[] layer = TestLayer.gzip(new TestLayer().file("only", "here").tar());
    images.push("bad", "1", TestImage.config("amd64"), List.of(layer));
    for (Path file : registry.blobFiles()) {
      if (Files.size(file) == layer.length && Arrays.equals(Files.readAllBytes(file), layer)) {
        byte[] changed = layer.clone();
        changed[layer.length / 2] ^= 1;
        Files.write(file, changed);
      }
    }
    assertFails(
        () -> pull(registry.host() + "/bad:1"), Code.SourceCorrupt, "not what its digest says");
  }

  @Test
  void believesNoLayerThatUnpacksToSomethingElse() throws Exception {
    byte[] tar = new TestLayer().file("a", "x").tar();
    Manifest.Blob layer = registry.put("lie", TestLayer.gzip(tar));
    images.push(
        "lie",
        "1",
        TestImage.config("amd64").json(List.of(TestRegistry.digest(new byte[1]))),
        List.of(layer),
        TestImage.OCI);
    assertFails(() -> pull(registry.host() + "/lie:1"), Code.SourceCorrupt, "as the image says");
  }

  @Test
  void readsDockersMediaTypesToo() throws Exception {
    byte[] tar = new TestLayer().file("a", "x").tar();
    Manifest.Blob layer = registry.put("docker", TestLayer.gzip(tar));
    images.push(
        "docker",
        "1",
        TestImage.config("amd64").json(List.of(TestRegistry.digest(tar))),
        List.of(layer),
        TestImage.DOCKER);
    try (OciImage image = pull(registry.host() + "/docker:1")) {
      assertThat(image.tree().get("/a")).isPresent();
    }
  }
}
