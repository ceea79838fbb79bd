package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Lz4ChannelTest {

  @Property(tries = 40)
  void whatIsUnpackedIsWhatWasWritten(
      @ForAll @IntRange(max = 3 * Lz4Channel.BLOCK) int length,
      @ForAll @IntRange(min = 1, max = 100_000) int piece,
      @ForAll @IntRange(min = 1, max = 256) int symbols,
      @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    byte[] plain = new byte[length];
    for (int i = 0; i < length; i++) {
      plain[i] = (byte) random.nextInt(symbols);
    }

    byte[] packed = pack(plain, piece);

    assertThat(unpack(packed)).isEqualTo(plain);
    assertThat(pack(plain, length + 1)).isEqualTo(packed);
  }

  @Test
  void nothingIsTheMagicNumberAlone() throws IOException {
    assertThat(pack(new byte[0], 1)).containsExactly(0x02, 0x21, 0x4c, 0x18);
  }

  private static byte[] pack(byte[] plain, int piece) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (Lz4Channel channel = new Lz4Channel(Channels.newChannel(packed))) {
      for (int at = 0; at < plain.length; at += piece) {
        channel.write(ByteBuffer.wrap(plain, at, Math.min(piece, plain.length - at)));
      }
    }
    return packed.toByteArray();
  }

  private static byte[] unpack(byte[] packed) {
    ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(in.getInt()).isEqualTo(0x184C2102);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    while (in.hasRemaining()) {
      byte[] block = new byte[in.getInt()];
      in.get(block);
      plain.writeBytes(
          LZ4Factory.safeInstance().safeDecompressor().decompress(block, Lz4Channel.BLOCK));
    }
    return plain.toByteArray();
  }
}
