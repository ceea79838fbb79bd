package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.tree.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.TreeMap;

/** A file's bytes on a TFS: extents, and zeros where there is none. */
final class ExtentContent implements Content {
  private static final int BUFFER_BYTES = 1 << 16;

  private record Extent(long diskSector, long sectors) {}

  private final Region region;
  private final long size;
  private final TreeMap<Long, Extent> byFileSector = new TreeMap<>();

  ExtentContent(Region region, long size) {
    this.region = region;
    this.size = size;
  }

  void add(long fileSector, long diskSector, long sectors) throws TfsException {
    if (!region.holds(diskSector, sectors)
        || fileSector > Long.MAX_VALUE / Sectors.SIZE - sectors) {
      throw new TfsException("an extent lies outside of the file system");
    }
    Map.Entry<Long, Extent> before = byFileSector.lowerEntry(fileSector + sectors);
    if (before != null && before.getKey() + before.getValue().sectors > fileSector) {
      throw new TfsException("two extents hold the same part of a file");
    }
    if (sectors > 0) {
      byFileSector.put(fileSector, new Extent(diskSector, sectors));
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    if (position >= size) {
      return -1;
    }
    long sector = position / Sectors.SIZE;
    Map.Entry<Long, Extent> here = byFileSector.floorEntry(sector);
    boolean covered = here != null && sector < here.getKey() + here.getValue().sectors;
    Long next =
        covered
            ? Long.valueOf(here.getKey() + here.getValue().sectors)
            : byFileSector.higherKey(sector);
    long end = next == null ? size : Math.min(size, next * Sectors.SIZE);
    int count = (int) Math.min(target.remaining(), end - position);
    if (covered) {
      long start = position - here.getKey() * Sectors.SIZE;
      region.read(
          target.slice(target.position(), count),
          here.getValue().diskSector * Sectors.SIZE + start);
    } else {
      target.put(target.position(), new byte[count]);
    }
    target.position(target.position() + count);
    return count;
  }

  @Override
  public void copyTo(WritableByteChannel target) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, BUFFER_BYTES));
    for (long position = 0; position < size; ) {
      position += read(buffer, position);
      buffer.flip();
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
      buffer.clear();
    }
  }
}
