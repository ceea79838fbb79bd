package dev.unikernel.builder.kernel.nanos;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The part of a disk where one file system lies, addressed from its own start. */
final class Region {
  private final FileChannel disk;
  private final long offset;
  private final long sectors;

  /**
   * @param offset byte on the disk; the region goes from there to the end
   */
  Region(FileChannel disk, long offset) throws IOException {
    this.disk = disk;
    this.offset = offset;
    this.sectors = (disk.size() - offset) / Sectors.SIZE;
    if (offset < 0 || sectors < 1) {
      throw new TfsException("the disk ends before byte " + (offset + Sectors.SIZE));
    }
  }

  boolean holds(long firstSector, long count) {
    return firstSector >= 0
        && count >= 0
        && firstSector <= sectors
        && count <= sectors - firstSector;
  }

  /** Fills the buffer from a byte position. */
  void read(ByteBuffer target, long position) throws IOException {
    long at = offset + position;
    while (target.hasRemaining()) {
      int count = disk.read(target, at);
      if (count < 0) {
        throw new EOFException("the disk became shorter while it was read");
      }
      at += count;
    }
  }
}
