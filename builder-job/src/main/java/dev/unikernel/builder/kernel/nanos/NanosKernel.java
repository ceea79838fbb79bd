package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.KernelImage.ImageFile;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Nanos: one raw disk, published as a KubeVirt containerDisk.
 *
 * @param resolver the guest's {@code /etc/resolv.conf} where its files bring none
 */
public record NanosKernel(NanosRelease release, Optional<Content> resolver) implements Kernel {
  private static final String DISK = "/disk/disk.img";

  @Override
  public KernelImage build(FileTree tree, GuestProgram program, Path scratch) throws IOException {
    Path disk = scratch.resolve("disk.img");
    long size = BootDisk.write(disk, NetworkFiles.in(tree, resolver), program, release);
    return new KernelImage(List.of(new ImageFile(DISK, disk)), release.kernelSha256(), size, null);
  }
}
