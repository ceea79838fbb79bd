package dev.unikernel.builder.kernel.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Packs as {@code lz4 -l} does, the kind of LZ4 that Linux unpacks at boot
 * (lib/decompress_unlz4.c): a magic number, then blocks, each after its packed length in 4 bytes,
 * little-endian. Of the kinds that Linux knows it is the one that costs no time at boot against no
 * packing at all.
 */
final class Lz4Channel implements WritableByteChannel {
  private static final int MAGIC = 0x184C2102;

  /** Linux takes up to 8 MiB; larger blocks than this pack no better. */
  static final int BLOCK = 1 << 20;

  private final WritableByteChannel target;
  private final LZ4Compressor compressor = LZ4Factory.safeInstance().fastCompressor();
  private final ByteBuffer plain = ByteBuffer.allocate(BLOCK);
  private final ByteBuffer packed =
      ByteBuffer.allocate(Integer.BYTES + compressor.maxCompressedLength(BLOCK))
          .order(ByteOrder.LITTLE_ENDIAN);
  private boolean open = true;

  /**
   * Writes the magic number. Closing this channel ends the last block and leaves the target open.
   */
  Lz4Channel(WritableByteChannel target) throws IOException {
    this.target = target;
    flush(packed.putInt(MAGIC));
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    int count = source.remaining();
    while (source.hasRemaining()) {
      int room = Math.min(source.remaining(), plain.remaining());
      plain.put(source.slice(source.position(), room));
      source.position(source.position() + room);
      if (!plain.hasRemaining()) {
        writeBlock();
      }
    }
    return count;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    if (open && plain.position() > 0) {
      writeBlock();
    }
    open = false;
  }

  private void writeBlock() throws IOException {
    packed.position(Integer.BYTES);
    compressor.compress(plain.flip(), packed);
    packed.putInt(0, packed.position() - Integer.BYTES);
    flush(packed);
    plain.clear();
  }

  private void flush(ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
    bytes.clear();
  }
}
