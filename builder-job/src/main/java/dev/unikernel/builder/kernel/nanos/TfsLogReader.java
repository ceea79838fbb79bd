package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/** Follows the extensions of a TFS log and replays its tuples. */
final class TfsLogReader {
  /** The kernel itself refuses to hold more than 32 MB of changed metadata. */
  private static final long MOST_LOG_BYTES = 32 << 20;

  private final Region region;
  private final TupleDecoder decoder = new TupleDecoder();
  private final Set<Long> seen = new HashSet<>();
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private long announced;
  private long logBytes;
  private Tuple root;

  private record Link(long sector, long sectors) {}

  TfsLogReader(Region region) {
    this.region = region;
  }

  TfsVolume volume() throws IOException {
    ByteBuffer first = extension(new Link(0, 1));
    byte[] uuid = new byte[TfsLog.UUID_BYTES];
    first.get(uuid);
    String label = label(first);
    for (Link link = frames(first); link != null; ) {
      link = frames(extension(link));
    }
    if (root == null) {
      throw new TfsException("the log holds no tuple");
    }
    return new TfsVolume(uuidText(uuid), label, root, region);
  }

  /** The bytes behind the header of one extension. */
  private ByteBuffer extension(Link link) throws IOException {
    logBytes += Math.min(link.sectors, MOST_LOG_BYTES) * Sectors.SIZE;
    if (link.sectors < 1 || !region.holds(link.sector, link.sectors)) {
      throw new TfsException("the log goes on outside of the file system");
    }
    if (!seen.add(link.sector) || logBytes > MOST_LOG_BYTES) {
      throw new TfsException("the log runs in a circle or is too long");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) link.sectors * Sectors.SIZE);
    region.read(bytes, link.sector * Sectors.SIZE);
    bytes.flip();
    byte[] magic = new byte[TfsLog.MAGIC.length];
    bytes.get(magic);
    if (!Arrays.equals(magic, TfsLog.MAGIC)) {
      throw new TfsException("no TFS log at sector " + link.sector);
    }
    long version = Varint.read(bytes);
    if (version != TfsLog.VERSION) {
      throw new TfsException("TFS version " + version + " is not known");
    }
    if (Varint.read(bytes) != link.sectors) {
      throw new TfsException("the log at sector " + link.sector + " has another length");
    }
    return bytes;
  }

  /** Replays one extension and answers where the log goes on, or null. */
  private Link frames(ByteBuffer in) throws TfsException {
    while (in.hasRemaining()) {
      int frame = in.get();
      switch (frame) {
        case TfsLog.END_OF_LOG -> {
          return null;
        }
        case TfsLog.END_OF_SEGMENT -> {}
        case TfsLog.TUPLE_AVAILABLE -> {
          if (unfinished.size() < announced) {
            throw new TfsException("a tuple begins before the last one ended");
          }
          announced = Varint.read(in);
          unfinished.reset();
          part(in);
        }
        case TfsLog.TUPLE_EXTENDED -> {
          if (unfinished.size() == announced) {
            throw new TfsException("a tuple goes on after its end");
          }
          part(in);
        }
        case TfsLog.EXTENSION_LINK -> {
          return new Link(Varint.read(in), Varint.read(in));
        }
        default -> throw new TfsException("unknown frame " + frame + " in the log");
      }
    }
    return null;
  }

  private void part(ByteBuffer in) throws TfsException {
    long length = Varint.read(in);
    if (length > in.remaining() || length > announced - unfinished.size()) {
      throw new TfsException("a tuple is longer than the log says");
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    unfinished.writeBytes(bytes);
    if (unfinished.size() == announced) {
      Tuple merged = decoder.merge(ByteBuffer.wrap(unfinished.toByteArray()));
      root = root == null ? merged : root;
    }
  }

  private static String label(ByteBuffer in) throws TfsException {
    ByteArrayOutputStream label = new ByteArrayOutputStream();
    for (byte next = in.get(); next != 0; next = in.get()) {
      label.write(next);
      if (label.size() > TfsLog.MOST_LABEL_BYTES) {
        throw new TfsException("the label is too long");
      }
    }
    return label.toString(UTF_8);
  }

  private static String uuidText(byte[] uuid) {
    String hex = HexFormat.of().formatHex(uuid);
    return String.join(
        "-",
        hex.substring(0, 8),
        hex.substring(8, 12),
        hex.substring(12, 16),
        hex.substring(16, 20),
        hex.substring(20));
  }
}
