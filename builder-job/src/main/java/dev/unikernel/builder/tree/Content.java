package dev.unikernel.builder.tree;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one regular file, by reference: nothing is read before it is asked for. Compared by
 * identity, so that hard links can be told from equal copies. Safe for use by several threads.
 */
public interface Content {

  /** Bytes. */
  long size();

  /**
   * Reads from {@code position} into the buffer's remaining room.
   *
   * @return bytes read, at least one unless the buffer is full, or -1 at the end
   */
  int read(ByteBuffer target, long position) throws IOException;

  /** Writes all bytes to the channel; file to file this is a copy inside the kernel. */
  void copyTo(WritableByteChannel target) throws IOException;

  /** The bytes from the beginning. Nothing needs to be closed. */
  default InputStream open() {
    return new ContentStream(this);
  }

  static Content of(byte[] bytes) {
    return new MemoryContent(bytes.clone());
  }

  static Content of(String text) {
    return new MemoryContent(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A part of an open file, which must stay open and unchanged as long as the content is used. */
  static Content of(FileChannel file, long offset, long size) {
    return new FileContent(file, offset, size);
  }
}
