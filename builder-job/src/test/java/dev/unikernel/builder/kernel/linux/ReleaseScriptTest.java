package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kernels/linux/release.sh} with a kernel package of a few words, as Debian packs them. */
class ReleaseScriptTest {
  private static final String PACKAGE = "linux-image-1-cloud-amd64";

  @TempDir Path scratch;

  @Test
  void takesTheModulesThatAreNeededUnpackedAndInLoadOrder() throws Exception {
    for (String tool : List.of("dpkg-deb", "xz", "cc", "make")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "needs " + tool);
    }
    write(
        "deb/DEBIAN/control",
        "Package: "
            + PACKAGE
            + "\nVersion: 1\nArchitecture: amd64\n"
            + "Maintainer: nobody <nobody@example.org>\nDescription: a kernel\n");
    write("deb/boot/vmlinuz-1", "the kernel");
    write("deb/usr/share/doc/" + PACKAGE + "/copyright", "GPL");
    module("net/virtio_net.ko", "virtio,net_failover");
    module("net/net_failover.ko", "failover");
    module("net/failover.ko", "");
    module("virtio/virtio.ko", "");
    module("sound/soundcore.ko", "");
    run("dpkg-deb", "--root-owner-group", "--build", "deb", "kernel.deb");
    tool("apt-get", "cp " + scratch.resolve("kernel.deb") + " .");
    tool("apt-cache", "echo 'Version: 1'");

    run(Path.of("kernels/linux/release.sh").toAbsolutePath().toString(), "out");

    LinuxRelease release = LinuxRelease.in(scratch.resolve("out"));
    assertThat(release.kernel()).hasContent("the kernel");
    assertThat(release.modules())
        .extracting(Path::getFileName)
        .extracting(Path::toString)
        .containsExactly(
            "10-virtio.ko", "11-failover.ko", "12-net_failover.ko", "13-virtio_net.ko");
    assertThat(release.modules().getLast()).hasContent(info("virtio,net_failover"));
    assertThat(scratch.resolve("out/copyright")).hasContent("GPL");
  }

  /** As in Debian 13: packed by xz. */
  private void module(String path, String needs) throws Exception {
    String file = "deb/lib/modules/1/kernel/" + path;
    write(file, info(needs));
    run("xz", file);
  }

  private static String info(String needs) {
    return "license=GPL\0depends=" + needs + "\0name=x\0";
  }

  private void tool(String name, String command) throws IOException {
    write("bin/" + name, "#!/bin/sh\n" + command + "\n");
    assertThat(scratch.resolve("bin/" + name).toFile().setExecutable(true)).isTrue();
  }

  private void write(String file, String content) throws IOException {
    Path path = scratch.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private void run(String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(Stream.of(command).toList())
            .directory(scratch.toFile())
            .redirectErrorStream(true);
    builder.environment().put("PATH", scratch.resolve("bin") + ":" + System.getenv("PATH"));
    builder.environment().put("XDG_CACHE_HOME", scratch.resolve("cache").toString());
    builder.environment().put("PACKAGE", PACKAGE);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%n%s", String.join(" ", command), output).isZero();
  }
}
