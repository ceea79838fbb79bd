package dev.unikernel.builder.kernel;

import java.nio.file.Path;
import java.util.List;

/**
 * What a VM boots from: the files that the published container image holds.
 *
 * @param files in the order in which they are published
 * @param kernelSha256 hex digest of the kernel inside
 * @param sizeBytes bytes of all files together, holes included
 * @param unpackedBytes bytes of the files that the machine unpacks into its memory, or null
 */
public record KernelImage(
    List<ImageFile> files, String kernelSha256, long sizeBytes, Long unpackedBytes) {

  public KernelImage {
    files = List.copyOf(files);
  }

  /**
   * One file of a container image.
   *
   * @param path absolute path in the container image, such as {@code /disk/disk.img}
   * @param content the file to publish there; it lies in the build's scratch directory
   */
  public record ImageFile(String path, Path content) {}
}
