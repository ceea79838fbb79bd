package dev.unikernel.builder.kernel.nanos;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Numbers as groups of seven bits, most significant group first; bit 7 is set on every byte but the
 * last. Unsigned, at most 63 bits here.
 */
final class Varint {
  private static final int MOST_BYTES = 10;

  private Varint() {}

  static void write(ByteArrayOutputStream out, long number) {
    writeGroups(out, number, Math.max(1, Math.ceilDiv(bits(number), 7)));
  }

  /** The low {@code groups} groups of a number. */
  static void writeGroups(ByteArrayOutputStream out, long number, int groups) {
    for (int group = groups - 1; group >= 0; group--) {
      int more = group > 0 ? 0x80 : 0;
      out.write(((int) (number >>> (7 * group)) & 0x7f) | more);
    }
  }

  static long read(ByteBuffer in) throws TfsException {
    return readGroups(in, 0);
  }

  /** Groups that go on from {@code head}, the number's most significant part. */
  static long readGroups(ByteBuffer in, long head) throws TfsException {
    long number = head;
    for (int i = 0; i < MOST_BYTES && in.hasRemaining(); i++) {
      byte group = in.get();
      if (number >>> (63 - 7) != 0) {
        throw new TfsException("a number has more than 63 bits");
      }
      number = (number << 7) | (group & 0x7f);
      if (group >= 0) {
        return number;
      }
    }
    throw new TfsException("a number does not end");
  }

  static int bits(long number) {
    return Long.SIZE - Long.numberOfLeadingZeros(number);
  }
}
