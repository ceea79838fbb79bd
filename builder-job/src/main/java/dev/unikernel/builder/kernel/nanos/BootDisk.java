package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * The raw disk that Nanos boots from by BIOS: boot loader, crash log area, boot file system with
 * the kernel, root file system with the program (Nanos {@code tools/mkfs.c}).
 *
 * @param boot holds {@code /kernel} and {@code /klib/*}
 * @param root the guest's files and the manifest
 */
public record BootDisk(TfsVolume boot, TfsVolume root) {
  /** Where the kernel leaves its status and last words when it ends with an error. */
  static final int CRASH_LOG_BYTES = 4096;

  static final long BOOT_BYTES = 12 << 20;

  /**
   * Room behind the last file. The root file system ends where the disk ends, and before the
   * guest's first write the kernel sets 1 MiB aside for its log; without that room every write
   * fails with ENOSPC. The rest is for temporary files. It is a hole: it costs nothing on disk, and
   * next to nothing in a compressed layer.
   */
  static final long FREE_BYTES = 16 << 20;

  /** Disks are rounded up to this, which every hypervisor and cloud takes. */
  static final long ROUNDING = 1 << 20;

  /**
   * Writes a disk, replacing what was there. File contents are copied once, by the operating system
   * where they come from files; names that Nanos makes itself are left out ({@link KernelNames}).
   *
   * @return bytes of the disk, holes included
   * @throws BuildFailure {@code KernelLimit}, {@code KernelMismatch} or {@code ProgramMissing}
   */
  public static long write(Path out, FileTree tree, GuestProgram program, NanosRelease release)
      throws IOException {
    byte[] loader = Files.readAllBytes(release.loader());
    if (!Mbr.isLoader(loader)) {
      throw new BuildFailure(
          Code.KernelMismatch,
          release.loader().getFileName() + " of the kernel release is no Nanos boot loader",
          "name a complete x86-64 Nanos release in the kernel catalogue");
    }
    Tfs root =
        new Tfs(
            KernelNames.removedFrom(tree),
            Manifest.of(tree, program, !release.klibs().isEmpty()),
            "");
    long bootStart = (long) loader.length + CRASH_LOG_BYTES;
    long rootStart = bootStart + BOOT_BYTES;
    long size = Math.ceilDiv(rootStart + root.sizeBytes() + FREE_BYTES, ROUNDING) * ROUNDING;
    Mbr.patch(
        loader, List.of(partition(bootStart, BOOT_BYTES), partition(rootStart, size - rootStart)));
    try (FileChannel disk =
        FileChannel.open(
            out,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(disk, ByteBuffer.wrap(loader), 0);
      writeBoot(disk, bootStart, release);
      root.writeTo(disk, rootStart);
      writeAll(disk, ByteBuffer.allocate(1), size - 1);
    }
    return size;
  }

  /**
   * Reads a disk of any origin; see {@link TfsVolume}.
   *
   * @param disk stays open as long as files of the disk are read
   */
  public static BootDisk read(FileChannel disk) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(Sectors.SIZE);
    new Region(disk, 0).read(sector, 0);
    List<Mbr.Partition> partitions = Mbr.read(sector.array());
    int first = !partitions.isEmpty() && partitions.getFirst().type() == Mbr.EFI_TYPE ? 1 : 0;
    if (partitions.size() < first + 2) {
      throw new TfsException("the disk has no boot and root file systems");
    }
    return new BootDisk(
        TfsVolume.read(disk, partitions.get(first).firstSector() * Sectors.SIZE),
        TfsVolume.read(disk, partitions.get(first + 1).firstSector() * Sectors.SIZE));
  }

  private static void writeBoot(FileChannel disk, long start, NanosRelease release)
      throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      FileTreeBuilder tree = FileTree.builder();
      tree.put("/kernel", files.open(release.kernel()));
      for (Map.Entry<String, Path> klib : release.klibs().entrySet()) {
        tree.put("/klib/" + klib.getKey(), files.open(klib.getValue()));
      }
      Tfs boot = new Tfs(tree.build(), new Tuple(), "");
      if (boot.sizeBytes() > BOOT_BYTES) {
        throw new BuildFailure(
            Code.KernelLimit,
            "kernel and klibs take %d MiB, and Nanos has 12 MiB for them"
                .formatted(boot.sizeBytes() >> 20),
            "take klibs out of spec.kernel.klibs");
      }
      boot.writeTo(disk, start);
    }
  }

  private static Mbr.Partition partition(long start, long length) {
    return new Mbr.Partition(Mbr.LINUX_TYPE, start / Sectors.SIZE, length / Sectors.SIZE);
  }

  private static void writeAll(FileChannel disk, ByteBuffer bytes, long position)
      throws IOException {
    disk.position(position);
    while (bytes.hasRemaining()) {
      disk.write(bytes);
    }
  }
}
