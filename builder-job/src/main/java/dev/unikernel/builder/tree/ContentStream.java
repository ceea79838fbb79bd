package dev.unikernel.builder.tree;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;

/** A content read from its beginning. */
final class ContentStream extends InputStream {
  private final Content content;
  private long position;

  ContentStream(Content content) {
    this.content = content;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = content.read(ByteBuffer.wrap(target, offset, length), position);
    position += Math.max(count, 0);
    return count;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.clamp(count, 0, content.size() - position);
    position += skipped;
    return skipped;
  }

  @Override
  public long transferTo(OutputStream target) throws IOException {
    if (position > 0) {
      return super.transferTo(target);
    }
    content.copyTo(Channels.newChannel(target));
    position = content.size();
    return position;
  }
}
