package dev.unikernel.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.linux.LinuxRelease;
import dev.unikernel.builder.kernel.linux.SealedLinux;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A small guest of our own, {@code src/test/c/guest.c} on the sealed Linux kernel, as an image for
 * KubeVirt's kernelBoot.
 */
public record TestGuest(Path scratch) {

  /**
   * Compiles and packs the guest.
   *
   * @param argument of its program: "stubborn" takes no notice of the power button
   * @return an OCI image layout that holds /boot/vmlinuz and /boot/initrd
   */
  public Path image(String argument) throws IOException {
    Path program = scratch.resolve("guest");
    run(
        "cc",
        "-static",
        "-Os",
        "-s",
        "-Wall",
        "-Werror",
        "-o",
        program.toString(),
        DevCluster.SCRIPTS.resolveSibling("src/test/c/guest.c").toString());
    FileTree files =
        FileTree.builder()
            .put("/guest", new Entry.File(0755, Content.of(Files.readAllBytes(program))))
            .build();
    Path directory = Files.createTempDirectory(scratch, "image");
    KernelImage image =
        new SealedLinux(LinuxRelease.in(release()))
            .build(
                files,
                new GuestProgram("/guest", List.of("guest", argument), Map.of(), "/"),
                directory);
    Path content = directory.resolve("content");
    for (KernelImage.ImageFile file : image.files()) {
      Path target = content.resolve(file.path().substring(1));
      Files.createDirectories(target.getParent());
      Files.copy(file.content(), target);
    }
    Path layer = directory.resolve("layer.tar");
    run(
        "tar",
        "--owner=107",
        "--group=107",
        "--mode=a+rX",
        "-C",
        content.toString(),
        "-cf",
        layer.toString(),
        ".");
    Path layout = directory.resolve("layout");
    run(
        DevCluster.SCRIPTS.resolve("oci-image").toString(),
        layout.toString(),
        layer.toString(),
        "guest:1");
    return layout;
  }

  private static Path release() {
    String cache =
        System.getenv().getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache");
    Path release = Path.of(cache, "unikernel-operator/kernels/linux");
    assumeTrue(
        Files.exists(release.resolve("SHA256SUMS")),
        "needs a Linux release: run builder-job/kernels/linux/release.sh " + release);
    return release;
  }

  private static void run(String... words) {
    new Command(List.of(words), Map.of()).run();
  }
}
