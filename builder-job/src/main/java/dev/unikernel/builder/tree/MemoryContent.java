package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Small content that the builder itself makes. */
final class MemoryContent implements Content {
  private final byte[] bytes;

  MemoryContent(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public int read(ByteBuffer target, long position) {
    if (position >= bytes.length) {
      return -1;
    }
    int count = (int) Math.min(target.remaining(), bytes.length - position);
    target.put(bytes, (int) position, count);
    return count;
  }

  @Override
  public void copyTo(WritableByteChannel target) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      target.write(rest);
    }
  }
}
