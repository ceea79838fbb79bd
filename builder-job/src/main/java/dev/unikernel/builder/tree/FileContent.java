package dev.unikernel.builder.tree;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** A range of a spooled file. */
final class FileContent implements Content {
  private final FileChannel file;
  private final long offset;
  private final long size;

  FileContent(FileChannel file, long offset, long size) {
    if (offset < 0 || size < 0) {
      throw new IllegalArgumentException("offset " + offset + ", size " + size);
    }
    this.file = file;
    this.offset = offset;
    this.size = size;
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
    int room = (int) Math.min(target.remaining(), size - position);
    ByteBuffer window = target.slice(target.position(), room);
    int count = file.read(window, offset + position);
    if (count < 0) {
      throw cutShort();
    }
    target.position(target.position() + count);
    return count;
  }

  @Override
  public void copyTo(WritableByteChannel target) throws IOException {
    long done = 0;
    while (done < size) {
      long count = file.transferTo(offset + done, size - done, target);
      if (count <= 0) {
        throw cutShort();
      }
      done += count;
    }
  }

  private EOFException cutShort() {
    return new EOFException("spooled file ends before byte " + (offset + size));
  }
}
