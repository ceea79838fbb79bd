package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.KernelImage.ImageFile;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Nanos: one raw disk, published as a KubeVirt containerDisk. */
public record NanosKernel(NanosRelease release) implements Kernel {
  private static final String DISK = "/disk/disk.img";

  @Override
  public KernelImage build(FileTree tree, GuestProgram program, Path scratch) throws IOException {
    Path disk = scratch.resolve("disk.img");
    long size = BootDisk.write(disk, tree, program, release);
    return new KernelImage(List.of(new ImageFile(DISK, disk)), release.kernelSha256(), size);
  }
}
