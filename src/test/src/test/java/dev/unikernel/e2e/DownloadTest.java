package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is downloaded is the pinned file or nothing, and the reason is said. */
class DownloadTest {

  private static final Path SCRIPT = DevCluster.SCRIPTS.resolve("../../build/download").normalize();

  @TempDir Path folder;
  private ReleaseServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ReleaseServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void the_right_file_arrives() throws IOException {
    download(server.file("/tool", "right"), "right");

    assertThat(folder.resolve("tool")).hasContent("right");
    assertNothingElseLeft("tool");
  }

  @Test
  void a_redirect_is_followed() throws IOException {
    download(server.redirect("/latest", server.file("/tool", "right")), "right");

    assertThat(folder.resolve("tool")).hasContent("right");
  }

  @Test
  void another_file_than_the_pinned_one_is_not_used() throws IOException {
    String url = server.file("/tool", "wrong");

    assertThatThrownBy(() -> download(url, "right"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining(
            "%s is not the pinned file and is not used: its SHA-256 is %s, not %s",
            url, ReleaseServer.sha256("wrong"), ReleaseServer.sha256("right"));
    assertNothingElseLeft();
  }

  @Test
  void a_truncated_file_is_not_used() throws IOException {
    String url = server.truncated("/tool", "right");

    assertThatThrownBy(() -> download(url, "right"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining(url + ": ");
    assertNothingElseLeft();
  }

  @Test
  void a_file_that_is_not_there() throws IOException {
    assertThatThrownBy(() -> download(server.url("/none"), "right"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("404");
    assertNothingElseLeft();
  }

  @Test
  void a_transfer_that_stands_still_is_given_up() throws IOException {
    String url = server.stalled("/tool", "right");

    assertThatThrownBy(() -> download(url, "right"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("less than 10 kB/s for 2 s, given up");
    assertNothingElseLeft();
  }

  @Test
  void a_host_that_has_no_address() throws IOException {
    assertThatThrownBy(() -> download("http://nowhere.invalid/tool", "right"))
        .hasMessageContaining("exit code 2")
        .hasMessageContaining("nowhere.invalid cannot be reached");
    assertNothingElseLeft();
  }

  @Test
  void a_host_that_refuses_connections() throws IOException {
    String url = server.url("/tool");
    server.close();

    assertThatThrownBy(() -> download(url, "right"))
        .hasMessageContaining("exit code 2")
        .hasMessageContaining("cannot be reached");
    assertNothingElseLeft();
  }

  /** Its queue of connections is full, so the kernel drops every further attempt in silence. */
  @Test
  void a_host_that_says_nothing() throws IOException {
    List<SocketChannel> queued = new ArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int each = 0; each < 4; each++) {
        SocketChannel client = SocketChannel.open();
        client.configureBlocking(false);
        client.connect(silent.getLocalSocketAddress());
        queued.add(client);
      }
      assertThatThrownBy(
              () -> download("http://localhost:" + silent.getLocalPort() + "/tool", "right"))
          .hasMessageContaining("exit code 2")
          .hasMessageContaining("cannot be reached: it does not answer");
    } finally {
      for (SocketChannel client : queued) {
        client.close();
      }
    }
    assertNothingElseLeft();
  }

  private void download(String url, String pinned) {
    new Command(
            List.of(
                SCRIPT.toString(),
                url,
                ReleaseServer.sha256(pinned),
                folder.resolve("tool").toString()),
            Map.of("STALL_SECONDS", "2"))
        .run();
  }

  private void assertNothingElseLeft(String... names) throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly(names);
    }
  }
}
