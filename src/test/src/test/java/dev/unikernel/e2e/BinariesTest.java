package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kubernetes' binaries are downloaded, and built only where that fails. */
class BinariesTest {

  private static final Path SCRIPT = DevCluster.SCRIPTS.resolve("binaries");

  @TempDir Path folder;
  private ReleaseServer server;
  private final Map<String, String> downloads = new HashMap<>();

  @BeforeEach
  void serve() throws IOException {
    server = new ReleaseServer();
    Path archive = archive("bin/containerd", "bin/ctr", "bin/containerd-shim-runc-v2");
    for (String name : names()) {
      if (Files.exists(folder.resolve("archive/bin/" + name))) {
        byte[] content = Files.readAllBytes(archive);
        if (!downloads.containsKey("containerd")) {
          server.file("/containerd.tar.gz", content);
        }
        pin(name, server.url("/containerd.tar.gz"), ReleaseServer.sha256(content), "bin/" + name);
      } else if (!name.equals("pause")) {
        pin(name, server.file("/" + name, "released " + name), sha256Of("released " + name), "");
      }
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void all_are_downloaded_and_nothing_is_built() throws IOException {
    noGo();

    String said = bring();

    assertThat(said).contains("Downloading " + server.url("/kubelet")).doesNotContain("Building");
    assertThat(said.split("Downloading .*containerd.tar.gz", -1)).as("one archive").hasSize(2);
    for (String name : names()) {
      assertThat(binary(name)).isExecutable();
      if (!name.equals("pause")) {
        assertThat(binary(name)).hasContent("released " + name);
      }
    }
  }

  @Test
  void what_is_not_the_pinned_file_is_built() throws IOException {
    pin("kubelet", server.url("/kubectl"), sha256Of("released kubelet"), "");
    go();

    String said = bring();

    assertThat(said)
        .contains(server.url("/kubectl") + " is not the pinned file and is not used")
        .containsPattern("Building from source instead, .*: kubelet\n");
    assertThat(binary("kubelet")).hasContent("built k8s.io/kubernetes/cmd/kubelet");
    assertThat(binary("kubectl")).hasContent("released kubectl");
  }

  @Test
  void a_host_out_of_reach_is_asked_once_and_all_of_it_is_built() throws IOException {
    for (String name : List.of("kube-apiserver", "kubelet", "kubectl")) {
      pin(name, "http://nowhere.invalid/" + name, sha256Of(name), "");
    }
    go();

    String said = bring();

    assertThat(said.split("nowhere.invalid cannot be reached", -1)).hasSize(2);
    assertThat(said).contains(": kube-apiserver kubectl kubelet\n");
    assertThat(binary("kubectl")).hasContent("built k8s.io/kubernetes/cmd/kubectl");
  }

  @Test
  void without_download_and_without_Go_it_says_both() throws IOException {
    pin("runc", "http://nowhere.invalid/runc", sha256Of("runc"), "");
    noGo();

    assertThatThrownBy(this::bring)
        .hasMessageContaining("nowhere.invalid cannot be reached")
        .hasMessageContaining("could not download runc")
        .hasMessageContaining("no Go 1.");
    assertThat(binary("runc")).doesNotExist();
  }

  @Test
  void every_pinned_release_is_of_the_version_that_would_be_built() throws IOException {
    List<String> pinned =
        Files.readAllLines(DevCluster.SCRIPTS.resolve("downloads")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    Map<String, String> versions = new HashMap<>();
    for (String module : List.of("control-plane", "containerd", "runc", "helm")) {
      String required =
          Files.readString(DevCluster.SCRIPTS.resolve("modules/" + module + "/go.mod"));
      for (String line : required.lines().toList()) {
        var found = Pattern.compile("^(?:require|\t)? ?(\\S+/\\S+) (v\\S+)").matcher(line);
        if (found.find()) {
          versions.putIfAbsent(found.group(1), found.group(2));
        }
      }
    }
    Map<String, String> modules =
        Map.of(
            "etcd", "go.etcd.io/etcd/server/v3",
            "containerd", "github.com/containerd/containerd/v2",
            "containerd-shim-runc-v2", "github.com/containerd/containerd/v2",
            "ctr", "github.com/containerd/containerd/v2",
            "runc", "github.com/opencontainers/runc",
            "helm", "helm.sh/helm/v4");
    assertThat(pinned).hasSize(names().size() - 1);
    for (String line : pinned) {
      String name = line.substring(0, line.indexOf(' '));
      String version = versions.get(modules.getOrDefault(name, "k8s.io/kubernetes"));
      assertThat(line).as("the release of " + name).contains(version);
    }
  }

  private void pin(String name, String url, String sha256, String member) {
    downloads.put(name, String.join(" ", name, sha256, url, member).strip());
  }

  private static String sha256Of(String content) {
    return ReleaseServer.sha256(content);
  }

  private static List<String> names() {
    return new Command(List.of(SCRIPT.toString(), "--list"), Map.of()).run().lines().toList();
  }

  private Path binary(String name) {
    return binaries().resolve(name);
  }

  private Path binaries() {
    try (Stream<Path> versions = Files.list(folder.resolve("unikernel-operator/k8s"))) {
      return versions.filter(Files::isDirectory).findFirst().orElseThrow();
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  /** Runs the script with an empty cache, and returns what it says. */
  private String bring() throws IOException {
    Path list = Files.write(folder.resolve("downloads"), downloads.values());
    return new Command(
            List.of("bash", "-c", SCRIPT + " 2>&1"),
            Map.of(
                "XDG_CACHE_HOME",
                folder.toString(),
                "DOWNLOADS",
                list.toString(),
                "KUBERNETES_BINARIES",
                "",
                "PATH",
                folder.resolve("path") + ":" + System.getenv("PATH")))
        .run();
  }

  /** A Go that says what it would build. */
  private void go() throws IOException {
    tool(
        "go",
        """
        case $1 in
          env) sed -n 's/^go /go/p' %s | sort -V | tail -n 1 ;;
          build) shift; while [ $# -gt 1 ]; do [ $1 != -o ] || out=$2; shift; done; printf 'built %%s' "$1" >"$out" ;;
        esac
        """
            .formatted(DevCluster.SCRIPTS.resolve("modules") + "/*/go.mod"));
    tool("pkg-config", "exit 0");
  }

  private void noGo() throws IOException {
    tool("go", "exit 127");
  }

  private void tool(String name, String script) throws IOException {
    Path path = Files.createDirectories(folder.resolve("path")).resolve(name);
    Files.writeString(path, "#!/bin/bash\n" + script + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path archive(String... members) throws IOException {
    Path root = folder.resolve("archive");
    List<String> words =
        new ArrayList<>(
            List.of("tar", "-czf", folder.resolve("archive.tar.gz").toString(), "-C", root + ""));
    for (String member : members) {
      Path file = root.resolve(member);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "released " + file.getFileName());
      words.add(member);
    }
    new Command(words, Map.of()).run();
    return folder.resolve("archive.tar.gz");
  }
}
