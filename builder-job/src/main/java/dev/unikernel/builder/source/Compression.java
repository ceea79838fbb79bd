package dev.unikernel.builder.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks a layer by its first bytes, which are surer than its media type: gzip (RFC 1952), zstd
 * (RFC 8878), or a plain tar.
 */
final class Compression {
  private static final int BUFFER = 1 << 16;

  private Compression() {}

  static InputStream unpack(InputStream packed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(packed, BUFFER);
    in.mark(4);
    byte[] magic = in.readNBytes(4);
    in.reset();
    return switch (kind(magic)) {
      case GZIP -> new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
      case ZSTD -> new BufferedInputStream(new ZstdInputStream(in).setContinuous(false), BUFFER);
      case NONE -> in;
    };
  }

  private enum Kind {
    GZIP,
    ZSTD,
    NONE
  }

  private static Kind kind(byte[] magic) {
    if (magic.length < 4) {
      return Kind.NONE;
    }
    int word =
        (magic[0] & 0xff) << 24
            | (magic[1] & 0xff) << 16
            | (magic[2] & 0xff) << 8
            | (magic[3] & 0xff);
    if (word >>> 16 == 0x1f8b) {
      return Kind.GZIP;
    }
    boolean frame = word == 0x28b52ffd;
    boolean skippable = word >>> 28 == 0x5 && (word & 0x00ffffff) == 0x002a4d18;
    return frame || skippable ? Kind.ZSTD : Kind.NONE;
  }
}
