package dev.unikernel.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.builder.registry.TestRegistry;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.source.TestImage;
import dev.unikernel.builder.source.TestLayer;
import dev.unikernel.builder.tree.TestElf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program against a real registry, with a kernel release of three words. */
class BuilderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOADER = "lib64/ld-linux-x86-64.so.2";

  @TempDir static Path registryDirectory;
  private static TestRegistry registry;

  @TempDir Path directory;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Map<String, String> variables = new HashMap<>();
  private ObjectNode plan;

  @BeforeAll
  static void startRegistry() throws Exception {
    registry = TestRegistry.start(registryDirectory, true);
    byte[] program = TestElf.amd64().interpreter("/" + LOADER).needs("libx.so").bytes();
    new TestImage(registry)
        .push(
            "source",
            "1",
            TestImage.config("amd64")
                .with("Entrypoint", List.of("/usr/bin/app"))
                .with("WorkingDir", "/srv")
                .with("User", "app")
                .with("Volumes", Map.of("/data", Map.of())),
            List.of(
                TestLayer.gzip(
                    new TestLayer()
                        .file("usr/bin/app", 0755, program)
                        .file("usr/bin/needy", 0755, TestElf.amd64().needs("libno.so").bytes())
                        .file("bin/sh", 0755, program)
                        .file(LOADER, 0755, TestElf.amd64().soname("ld").bytes())
                        .file("lib/libx.so", 0644, TestElf.amd64().soname("libx.so").bytes())
                        .file("srv/index.html", "hello")
                        .file("usr/share/zoneinfo/UTC", "utc")
                        .file("usr/share/doc/copyright", "words")
                        .tar())));
  }

  @AfterAll
  static void stopRegistry() {
    if (registry != null) {
      registry.close();
    }
  }

  @BeforeEach
  void mount() throws Exception {
    Map<String, String> kernel = new TreeMap<>();
    for (String file : List.of("vmlinuz", "init", "modules/net.ko")) {
      Path path = directory.resolve("kernel").resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "the " + file);
      kernel.put(file, sha256(path));
    }
    plan =
        (ObjectNode)
            JSON.readTree(
                """
                {"name": "demo/hello", "architecture": "amd64",
                 "source": {"image": {"reference": "HOST/source:1"}},
                 "files": [{"path": "/main.js", "mode": "0600", "content": "main"}],
                 "keep": ["/usr/share/zoneinfo/**"],
                 "kernel": {"name": "linux", "version": "6.12"},
                 "publish": {"registry": {"repository": "HOST/built/hello", "tag": "t"}},
                 "plainHttpRegistries": ["HOST"]}
                """
                    .replace("HOST", registry.host()));
    ObjectNode release = (ObjectNode) plan.get("kernel");
    release.put("directory", directory.resolve("kernel").toString());
    release.set("files", JSON.valueToTree(kernel));
    for (String mount : List.of("plan", "pull", "push", "work")) {
      Files.createDirectories(directory.resolve(mount));
      variables.put(mount.toUpperCase(Locale.ROOT) + "_DIR", directory.resolve(mount).toString());
    }
    Files.writeString(directory.resolve("plan/main"), "user's file");
    login("pull", TestRegistry.PASSWORD);
    login("push", TestRegistry.PASSWORD);
    variables.put("TERMINATION_LOG", directory.resolve("termination-log").toString());
    variables.put("REGISTRY_PATIENCE_SECONDS", "0");
  }

  private void login(String mount, String password) throws Exception {
    Files.writeString(
        directory.resolve(mount).resolve(".dockerconfigjson"),
        registry.dockerConfig(TestRegistry.USER, password));
  }

  private static String sha256(Path file) throws Exception {
    return TestRegistry.digest(Files.readAllBytes(file)).substring("sha256:".length());
  }

  private int run() throws Exception {
    Files.writeString(directory.resolve("plan/plan.json"), plan.toString());
    return new Run(
            Environment.of(variables),
            new Progress(new PrintStream(log, true, StandardCharsets.UTF_8)))
        .exitCode();
  }

  private JsonNode report() throws Exception {
    return JSON.readTree(directory.resolve("termination-log").toFile());
  }

  private void assertFails(Code code, String message) throws Exception {
    assertThat(run())
        .isEqualTo(code.retryable() ? BuildReport.EXIT_TEMPORARY : BuildReport.EXIT_PERMANENT);
    assertThat(report().path("artifact").isMissingNode()).isTrue();
    assertThat(report().at("/error/code").asText()).isEqualTo(code.name());
    assertThat(report().at("/error/message").asText()).contains(message);
    assertThat(report().at("/error/remedy").asText()).isNotBlank();
    assertThat(log.toString(StandardCharsets.UTF_8)).contains(code.name(), message);
  }

  @Test
  void buildsPublishesAndReports() throws Exception {
    assertThat(run()).isEqualTo(BuildReport.EXIT_OK);
    JsonNode report = report();
    String digest = report.at("/artifact/digest").asText();
    assertThat(report.at("/artifact/registry").asText())
        .isEqualTo(registry.host() + "/built/hello@" + digest);
    assertThat(report.at("/artifact/kernel").asText()).isEqualTo("linux");
    assertThat(report.at("/artifact/kernelSha256").asText())
        .isEqualTo(sha256(directory.resolve("kernel/vmlinuz")));
    assertThat(report.at("/surface").toString())
        .isEqualTo(
            "{\"files\":10,\"executables\":1,\"sharedLibraries\":2,\"setuid\":0,\"shells\":0}");
    assertThat(report.at("/sourceSurface").toString())
        .isEqualTo(
            "{\"files\":8,\"executables\":3,\"sharedLibraries\":2,\"setuid\":0,\"shells\":1}");
    assertThat(report.at("/source/user").asText()).isEqualTo("app");
    assertThat(report.at("/source/volumes/0").asText()).isEqualTo("/data");
    assertThat(TestRegistry.digest(registry.manifest("built/hello", "t"))).isEqualTo(digest);
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains(
            "pulling layer 1/1",
            "pushing layer 1/2",
            "published",
            "the guest has 10 files and 1 programs")
        .doesNotContain(TestRegistry.PASSWORD);
    assertThat(directory.resolve("work")).isEmptyDirectory();
  }

  @Test
  void publishesWhatKubevirtCanRead() throws Exception {
    run();
    JsonNode manifest = JSON.readTree(registry.manifest("built/hello", "t"));
    assertThat(manifest.at("/annotations/org.opencontainers.image.base.name").asText())
        .isEqualTo(registry.host() + "/source:1");
    Map<String, String> found = new TreeMap<>();
    int number = 0;
    for (JsonNode layer : manifest.get("layers")) {
      byte[] blob = registry.blob("built/hello", layer.get("digest").asText());
      byte[] tar = new GZIPInputStream(new ByteArrayInputStream(blob)).readAllBytes();
      assertThat(config(manifest).at("/rootfs/diff_ids/" + number++).asText())
          .isEqualTo(TestRegistry.digest(tar));
      try (TarArchiveInputStream entries =
          new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
        for (TarArchiveEntry entry; (entry = entries.getNextEntry()) != null; ) {
          found.put(
              entry.getName(),
              "%d:%d %o"
                  .formatted(
                      entry.getLongUserId(), entry.getLongGroupId(), entry.getMode() & 0777));
        }
      }
    }
    assertThat(found)
        .isEqualTo(
            Map.of(
                "boot/", "107:107 755",
                "boot/vmlinuz", "107:107 444",
                "boot/initrd", "107:107 444"));
    assertThat(config(manifest).get("architecture").asText()).isEqualTo("amd64");
  }

  private static JsonNode config(JsonNode manifest) throws Exception {
    return JSON.readTree(registry.blob("built/hello", manifest.at("/config/digest").asText()));
  }

  @Test
  void theSameInputsMakeTheSameDigestAndSendNothingAgain() throws Exception {
    run();
    String first = report().at("/artifact/digest").asText();
    log.reset();
    run();
    assertThat(report().at("/artifact/digest").asText()).isEqualTo(first);
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains("pushing layer 1/2, it is there already", "pushing layer 2/2, it is there");
  }

  @Test
  void twoUsersOfOneRepositoryWithTheSameInputsShareADisk() throws Exception {
    run();
    String first = report().at("/artifact/digest").asText();
    plan.put("name", "another/image");
    run();
    assertThat(report().at("/artifact/digest").asText()).isEqualTo(first);
    assertThat(new String(registry.manifest("built/hello", "t"), StandardCharsets.UTF_8))
        .doesNotContain("another", "demo/hello");
  }

  @Test
  void contentsAllTakesEverything() throws Exception {
    plan.put("contents", "All");
    run();
    assertThat(report().at("/surface/files").asInt()).isEqualTo(13);
  }

  @Test
  void failuresNameTheirCauseAndTheExitCodeSaysWhetherToRetry() throws Exception {
    plan.put("program", "/usr/bin/needy");
    assertFails(Code.LibraryMissing, "libno.so, which /usr/bin/needy needs");
    plan.put("program", "/usr/bin/none");
    assertFails(Code.ProgramMissing, "/usr/bin/none");
    plan.remove("program");
    plan.put("workingDir", "/srv/index.html");
    assertFails(Code.FileConflict, "spec.workingDir names /srv/index.html");
    plan.remove("workingDir");
    plan.putArray("keep").add("relative");
    assertFails(Code.InvalidPlan, "keep pattern `relative`");
    plan.remove("keep");
    ((ObjectNode) plan.at("/files/0")).put("path", "/usr/bin/app/main.js");
    assertFails(Code.FileConflict, "/usr/bin/app/main.js");
    plan.remove("files");
    ((ObjectNode) plan.at("/kernel/files")).put("vmlinuz", "00");
    assertFails(Code.KernelMismatch, "vmlinuz");
    plan.remove("kernel");
    assertFails(Code.InvalidPlan, "names no kernel");
  }

  @Test
  void pullAndPushFailuresAreTold() throws Exception {
    login("push", "wrong");
    assertFails(Code.PushRefused, "cannot push");
    Files.delete(directory.resolve("push/.dockerconfigjson"));
    variables.put("PUSH_SECRET", "my-login");
    assertFails(Code.PushRefused, "Secret my-login does not exist");
    variables.remove("PUSH_SECRET");
    assertFails(Code.PushRefused, "to a request without login");
    String closed = "127.0.0.1:" + TestRegistry.freePort();
    ((ObjectNode) plan.at("/publish/registry")).put("repository", closed + "/x");
    plan.putArray("plainHttpRegistries").add(closed).add(registry.host());
    assertFails(Code.TargetUnavailable, closed);
    Files.writeString(directory.resolve("pull/.dockerconfigjson"), "no json");
    assertFails(Code.PullRefused, "is no registry login");
  }

  @Test
  void aBuildThatIsStoppedStillReports() throws Exception {
    Process builder = hanging(Map.of());
    try (var lines = builder.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains("trying again"))).isTrue();
      builder.destroy();
      assertThat(builder.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      builder.destroyForcibly();
    }
    assertThat(builder.exitValue()).isEqualTo(BuildReport.EXIT_TEMPORARY);
    assertThat(report().at("/error/code").asText()).isEqualTo("Stopped");
    assertThat(report().at("/error/message").asText()).contains("was stopped");
  }

  @Test
  void aBuildThatHangsEndsInTimeAndSaysWhereItWas() throws Exception {
    Process builder = hanging(Map.of("BUILD_TIMEOUT_SECONDS", "2"));
    try (var lines = builder.inputReader()) {
      assertThat(lines.lines().toList()).anyMatch(line -> line.startsWith("BuildTimeout: "));
      assertThat(builder.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      builder.destroyForcibly();
    }
    assertThat(builder.exitValue()).isEqualTo(BuildReport.EXIT_PERMANENT);
    assertThat(report().at("/error/code").asText()).isEqualTo("BuildTimeout");
    assertThat(report().at("/error/message").asText())
        .startsWith("the build was not done within 2 s; it was at: ");
    assertThat(report().at("/error/remedy").asText()).contains("spec.build.timeoutSeconds");
  }

  /** A builder whose source does not answer, and which has ten minutes of patience with that. */
  private Process hanging(Map<String, String> more) throws Exception {
    ((ObjectNode) plan.at("/source/image")).put("reference", "127.0.0.1:1/none:1");
    plan.putArray("plainHttpRegistries").add("127.0.0.1:1");
    Files.writeString(directory.resolve("plan/plan.json"), plan.toString());
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Builder.class.getName());
    java.environment().putAll(variables);
    java.environment().put("REGISTRY_PATIENCE_SECONDS", "600");
    java.environment().putAll(more);
    return java.redirectErrorStream(true).start();
  }
}
