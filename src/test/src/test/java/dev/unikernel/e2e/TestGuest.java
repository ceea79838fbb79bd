package dev.unikernel.e2e;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.linux.LinuxRelease;
import dev.unikernel.builder.kernel.linux.SealedLinux;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A small guest of our own, {@code src/test/c/guest.c} on the sealed Linux kernel, as an image for
 * KubeVirt's kernelBoot.
 */
public record TestGuest(Path scratch) {

  /** What {@link #disk()} says. */
  public static final String DISK_GREETING = "hello from the disk";

  /**
   * xor ax,ax; mov ds,ax; mov si,text; then each byte to COM1 when its transmitter is free; hlt at
   * the zero; text follows.
   */
  private static final String BOOT_SECTOR =
      "31c08ed8be217cac84c0741288c3bafd03eca82074f8baf80388d8eeebe9f4ebfd";

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
        new SealedLinux(LinuxRelease.in(release()), Optional.empty())
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
    return layout(directory, content);
  }

  /**
   * A disk of 1 MiB whose boot sector greets on the serial port and halts.
   *
   * @return an OCI image layout that holds /disk/disk.img
   */
  public Path disk() throws IOException {
    Path directory = Files.createTempDirectory(scratch, "disk");
    Path file = directory.resolve("content/disk/disk.img");
    Files.createDirectories(file.getParent());
    byte[] disk = new byte[1 << 20];
    byte[] code = HexFormat.of().parseHex(BOOT_SECTOR);
    System.arraycopy(code, 0, disk, 0, code.length);
    byte[] greeting = (DISK_GREETING + "\r\n").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(greeting, 0, disk, code.length, greeting.length);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    Files.write(file, disk);
    return layout(directory, directory.resolve("content"));
  }

  private static Path layout(Path directory, Path content) {
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
    if (!Files.exists(release.resolve("SHA256SUMS"))) {
      throw new IllegalStateException(
          "needs a Linux release: run builder-job/kernels/linux/release.sh " + release);
    }
    return release;
  }

  private static void run(String... words) {
    new Command(List.of(words), Map.of()).run();
  }
}
