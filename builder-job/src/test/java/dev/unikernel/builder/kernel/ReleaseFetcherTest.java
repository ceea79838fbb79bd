package dev.unikernel.builder.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseFetcherTest {
  private static final Map<String, String> FILES =
      Map.of("kernel.img", "kernel", "klibs/tls", "tls");

  @TempDir Path scratch;
  private final Map<String, byte[]> served = new HashMap<>();
  private HttpServer server;
  private String base;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = served.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void takesADirectoryInPlace() throws IOException {
    Path directory = scratch.resolve("release");
    for (var file : FILES.entrySet()) {
      write(directory.resolve(file.getKey()), file.getValue());
    }
    assertFetched(fetch(directory.toString(), null, null));
  }

  @Test
  void takesFilesBelowAUrl() throws IOException {
    FILES.forEach((name, content) -> served.put("/v1/" + name, content.getBytes(UTF_8)));
    assertFetched(fetch(null, base + "/v1", null));
    assertFetched(fetch(null, base + "/v1/", null));
  }

  @Test
  void takesWantedFilesOfAnArchive() throws IOException {
    served.put(
        "/nanos.tar.gz",
        archive(Map.of("./kernel.img", "kernel", "klibs/tls", "tls", "more", "?")));
    assertFetched(fetch(null, base + "/nanos.tar.gz", null));
    assertThat(scratch.resolve("kernel-nanos/more")).doesNotExist();
  }

  @Test
  void takesFilesOfAnImage() throws IOException {
    assertFetched(fetch(null, null, "registry.example/nanos:1"));
  }

  @Test
  void namesBothDigestsOfAWrongFile() throws IOException {
    write(scratch.resolve("kernel.img"), "kernel");
    write(scratch.resolve("klibs/tls"), "not tls");
    assertFails(
        () -> fetch(scratch.toString(), null, null),
        Code.KernelMismatch,
        sha256("tls"),
        sha256("not tls"));
  }

  @Test
  void saysWhatIsMissingOrOutOfReach() {
    assertFails(() -> fetch(scratch.toString(), null, null), Code.KernelUnavailable, "kernel.img");
    assertFails(
        () -> fetch(null, base + "/none", null),
        Code.KernelRefused,
        "/none/kernel.img answers 404");
    assertFails(() -> fetch(null, "no address", null), Code.KernelUnavailable, "no address");
    served.put("/bad.tar.gz", "no archive".getBytes(UTF_8));
    assertFails(
        () -> fetch(null, base + "/bad.tar.gz", null), Code.KernelUnavailable, "bad.tar.gz");
    stop();
    assertFails(() -> fetch(null, base, null), Code.KernelUnavailable, base);
  }

  @Test
  void refusesNamesTheCatalogueLacksOrThatLeaveTheRelease() {
    var release = release(scratch.toString(), null, null, Map.of("../kernel.img", "0".repeat(64)));
    assertFails(
        () -> fetcher().fetch(release, release.files().keySet()), Code.KernelMismatch, "outside");
    assertFails(
        () -> fetcher().fetch(release, Set.of("boot.img")), Code.KernelMismatch, "boot.img");
  }

  private void assertFetched(ReleaseFiles files) throws IOException {
    for (var file : FILES.entrySet()) {
      assertThat(files.file(file.getKey())).hasContent(file.getValue());
      assertThat(files.sha256(file.getKey())).isEqualTo(sha256(file.getValue()));
    }
  }

  private static void assertFails(ThrowingCallable fetch, Code code, String... words) {
    assertThatThrownBy(fetch)
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> {
              assertThat(failure.error().code()).isEqualTo(code);
              assertThat(failure).hasMessageContainingAll(words);
            });
  }

  private ReleaseFiles fetch(String directory, String url, String image) throws IOException {
    Map<String, String> digests = new HashMap<>();
    for (var file : FILES.entrySet()) {
      digests.put(file.getKey(), sha256(file.getValue()));
    }
    return fetcher().fetch(release(directory, url, image, digests), digests.keySet());
  }

  private ReleaseFetcher fetcher() {
    return new ReleaseFetcher(
        scratch,
        (image, wanted, directory) -> {
          for (String name : wanted) {
            write(directory.resolve(name), FILES.get(name));
          }
        });
  }

  private static BuildPlan.KernelRelease release(
      String directory, String url, String image, Map<String, String> files) {
    return new BuildPlan.KernelRelease("nanos", "1", directory, url, image, files, List.of());
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private String sha256(String content) throws IOException {
    return Sha256.of(Files.writeString(scratch.resolve("digested"), content));
  }

  private static byte[] archive(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (var file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
