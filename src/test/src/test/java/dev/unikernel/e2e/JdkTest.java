package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JDK that is there is found; on a machine without one it is downloaded, once. */
class JdkTest {

  private static final String SCRIPT =
      DevCluster.SCRIPTS.resolve("../../build/jdk").normalize().toString();

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
  void the_one_of_JAVA_HOME_is_found() throws IOException {
    Path home = jdk("here", "25.0.1");

    assertThat(find(home.toString(), server.url("/none"), "right")).isEqualTo(home.toString());
  }

  @Test
  void an_older_one_does_not_do_and_the_pinned_one_is_downloaded_once() throws IOException {
    byte[] release = archive(jdk("jdk-25.0.4", "25.0.4"));
    String url = server.file("/jdk.tar.gz", release);
    String old = jdk("old", "21.0.2").toString();

    String home = find(old, url, ReleaseServer.sha256(release));

    assertThat(Path.of(home)).startsWith(folder.resolve("cache"));
    assertThat(Path.of(home, "bin/javac")).isExecutable();
    server.close();
    assertThat(find(old, url, ReleaseServer.sha256(release))).isEqualTo(home);
  }

  @Test
  void another_one_than_the_pinned_is_not_used() throws IOException {
    String url = server.file("/jdk.tar.gz", archive(jdk("jdk-25.0.4", "25.0.4")));

    assertThatThrownBy(() -> find("", url, ReleaseServer.sha256("right")))
        .hasMessageContaining("is not the pinned file and is not used")
        .hasMessageContaining("or set JAVA_HOME to one");
  }

  /**
   * Runs the script where no JDK lies anywhere else: in a mount namespace with an empty
   * /usr/lib/jvm.
   */
  private String find(String javaHome, String url, String sha256) {
    String empty =
        "for each in /usr/lib/jvm /opt; do [ ! -d $each ] || mount -t tmpfs none $each; done";
    return new Command(
            List.of("unshare", "--mount", "bash", "-c", empty + "; exec " + SCRIPT),
            Map.of(
                "JAVA_HOME",
                javaHome,
                "PATH",
                "/usr/bin:/bin:/usr/sbin:/sbin",
                "HOME",
                folder.toString(),
                "XDG_CACHE_HOME",
                folder.resolve("cache").toString(),
                "TEMURIN_URL",
                url,
                "TEMURIN_SHA256",
                sha256))
        .run()
        .strip();
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Path javac = Files.createDirectories(home.resolve("bin")).resolve("javac");
    Files.writeString(javac, "");
    Files.setPosixFilePermissions(javac, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private byte[] archive(Path home) throws IOException {
    Path archive = folder.resolve("archive.tar.gz");
    new Command(
            List.of("tar", "-czf", archive + "", "-C", folder + "", home.getFileName().toString()),
            Map.of())
        .run();
    return Files.readAllBytes(archive);
  }
}
