package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The log of a new TFS: one encoded tuple, cut over as many extensions as it needs, each linked
 * from the one before (Nanos {@code src/fs/tlog.c}).
 */
final class TfsLog {
  static final byte[] MAGIC = "NVMTFS".getBytes(UTF_8);
  static final int VERSION = 5;

  static final int END_OF_LOG = 1;
  static final int TUPLE_AVAILABLE = 2;
  static final int TUPLE_EXTENDED = 3;
  static final int END_OF_SEGMENT = 4;
  static final int EXTENSION_LINK = 5;

  static final int UUID_BYTES = 16;
  static final int MOST_LABEL_BYTES = 31;

  /** Sectors of every extension but the first, which is sector 0 alone. */
  static final long EXTENSION_SECTORS = 1024;

  static final long FIRST_EXTENSION = 1;

  /** Tuple bytes in one extension, with room left for header, frame, link and end. */
  static final int CAPACITY = (int) (EXTENSION_SECTORS * Sectors.SIZE) - 9 - 43;

  /**
   * A part of the log.
   *
   * @param sector where it starts, from the start of the file system
   * @param content without the zeros that fill its last sectors
   */
  record Extension(long sector, ByteBuffer content) {}

  private TfsLog() {}

  /** Sectors that the extensions take beyond sector 0 and the first one. */
  static long furtherSectors(int tupleBytes) {
    return (Math.max(1, Math.ceilDiv(tupleBytes, CAPACITY)) - 1) * EXTENSION_SECTORS;
  }

  /**
   * @param freeSector the first that holds no data; extensions beyond the first go there
   */
  static List<Extension> extensions(byte[] uuid, String label, byte[] tuple, long freeSector) {
    List<Extension> extensions = new ArrayList<>();
    extensions.add(initial(uuid, label));
    long sector = FIRST_EXTENSION;
    long next = freeSector;
    int done = 0;
    do {
      int part = Math.min(CAPACITY, tuple.length - done);
      ByteArrayOutputStream out = header(EXTENSION_SECTORS);
      out.write(done == 0 ? TUPLE_AVAILABLE : TUPLE_EXTENDED);
      if (done == 0) {
        Varint.write(out, tuple.length);
      }
      Varint.write(out, part);
      out.write(tuple, done, part);
      done += part;
      if (done < tuple.length) {
        link(out, next);
      }
      out.write(END_OF_LOG);
      extensions.add(new Extension(sector, ByteBuffer.wrap(out.toByteArray())));
      sector = next;
      next += EXTENSION_SECTORS;
    } while (done < tuple.length);
    return List.copyOf(extensions);
  }

  private static Extension initial(byte[] uuid, String label) {
    byte[] labelBytes = label.getBytes(UTF_8);
    if (uuid.length != UUID_BYTES || labelBytes.length > MOST_LABEL_BYTES) {
      throw new IllegalArgumentException("uuid or label has the wrong length: " + label);
    }
    ByteArrayOutputStream out = header(1);
    out.writeBytes(uuid);
    out.writeBytes(labelBytes);
    out.write(0);
    link(out, FIRST_EXTENSION);
    out.write(END_OF_LOG);
    return new Extension(0, ByteBuffer.wrap(out.toByteArray()));
  }

  private static ByteArrayOutputStream header(long sectors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    Varint.write(out, VERSION);
    Varint.write(out, sectors);
    return out;
  }

  private static void link(ByteArrayOutputStream out, long sector) {
    out.write(EXTENSION_LINK);
    Varint.write(out, sector);
    Varint.write(out, EXTENSION_SECTORS);
  }
}
