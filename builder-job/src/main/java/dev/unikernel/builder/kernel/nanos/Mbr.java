package dev.unikernel.builder.kernel.nanos;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The partition table in the Nanos boot sector, and the record there that says how long the
 * second-stage loader behind it is (Nanos {@code src/runtime/storage.h}, {@code tools/mkfs.c}).
 */
final class Mbr {
  static final int LINUX_TYPE = 0x83;
  static final int EFI_TYPE = 0xef;

  private static final int REGION_LENGTH = 434;
  private static final int REGION_TYPE = 442;
  private static final int BOOT_SECTOR_REGION = 12;
  private static final int TABLE = 446;
  private static final int ENTRIES = 4;
  private static final int ENTRY_BYTES = 16;
  private static final int SIGNATURE = 510;
  private static final byte[] SIGNATURE_BYTES = {0x55, (byte) 0xaa};

  private static final int ACTIVE = 0x80;
  private static final long SECTORS_PER_TRACK = 63;
  private static final long HEADS = 255;
  private static final long MOST_CYLINDERS = 1023;
  private static final long MOST_SECTORS = 0xffff_ffffL;

  /** One entry: type byte, first sector, count. */
  record Partition(int type, long firstSector, long sectors) {}

  private Mbr() {}

  /** Whether this is the Nanos loader: signed, and as long as its own boot sector says. */
  static boolean isLoader(byte[] loader) {
    if (loader.length <= Sectors.SIZE || loader.length % Sectors.SIZE != 0) {
      return false;
    }
    ByteBuffer sector = ByteBuffer.wrap(loader).order(ByteOrder.LITTLE_ENDIAN);
    return signed(sector)
        && sector.getInt(REGION_TYPE) == BOOT_SECTOR_REGION
        && sector.getLong(REGION_LENGTH) == loader.length - Sectors.SIZE;
  }

  /** Writes the table into a boot sector; unused entries become zero. */
  static void patch(byte[] bootSector, List<Partition> partitions) {
    ByteBuffer table = ByteBuffer.wrap(bootSector).order(ByteOrder.LITTLE_ENDIAN);
    table.put(TABLE, new byte[ENTRIES * ENTRY_BYTES]);
    table.position(TABLE);
    for (Partition partition : partitions) {
      table.put((byte) ACTIVE);
      cylinderHeadSector(table, partition.firstSector);
      table.put((byte) partition.type);
      cylinderHeadSector(table, partition.firstSector + partition.sectors - 1);
      table.putInt((int) partition.firstSector);
      table.putInt((int) Math.min(partition.sectors, MOST_SECTORS));
    }
  }

  /** The partitions in use. */
  static List<Partition> read(byte[] bootSector) throws TfsException {
    ByteBuffer table = ByteBuffer.wrap(bootSector).order(ByteOrder.LITTLE_ENDIAN);
    if (!signed(table)) {
      throw new TfsException("the first sector is no boot sector");
    }
    List<Partition> partitions = new ArrayList<>();
    for (int entry = TABLE; entry < SIGNATURE; entry += ENTRY_BYTES) {
      int type = table.get(entry + 4) & 0xff;
      if (type != 0) {
        partitions.add(
            new Partition(
                type,
                Integer.toUnsignedLong(table.getInt(entry + 8)),
                Integer.toUnsignedLong(table.getInt(entry + 12))));
      }
    }
    return partitions;
  }

  private static boolean signed(ByteBuffer sector) {
    return sector.get(SIGNATURE) == SIGNATURE_BYTES[0]
        && sector.get(SIGNATURE + 1) == SIGNATURE_BYTES[1];
  }

  /** As the reference tool writes it, which differs from the textbook; nothing reads it. */
  private static void cylinderHeadSector(ByteBuffer out, long lba) {
    long cylinder = lba / SECTORS_PER_TRACK / HEADS;
    long head = lba / SECTORS_PER_TRACK % HEADS;
    long sector = lba % SECTORS_PER_TRACK + 1;
    if (cylinder > MOST_CYLINDERS) {
      cylinder = MOST_CYLINDERS;
      head = HEADS - 1;
      sector = SECTORS_PER_TRACK;
    }
    out.put((byte) head).put((byte) ((cylinder >> 8) | sector)).put((byte) cylinder);
  }
}
