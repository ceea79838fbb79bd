package dev.unikernel.builder.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body that may be endless. Closing one before its end breaks its connection, where HTTP clients
 * would read the rest.
 */
final class BoundedStream extends FilterInputStream {
  private final long bound;
  private final boolean cut;
  private final Break connection;
  private long done;
  private boolean ended;

  /** Ends a connection. */
  interface Break {
    void run() throws IOException;
  }

  /**
   * A stream of at most {@code bound} bytes.
   *
   * @param cut whether it ends there, or fails
   */
  BoundedStream(InputStream body, long bound, boolean cut, Break connection) {
    super(body);
    this.bound = bound;
    this.cut = cut;
    this.connection = connection;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (cut && done == bound) {
      return -1;
    }
    int count = super.read(target, offset, cut ? (int) Math.min(length, bound - done) : length);
    ended |= count < 0;
    done += Math.max(count, 0);
    if (done > bound) {
      throw new Malformed("it has more than %d bytes".formatted(bound));
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    if (ended) {
      super.close();
      return;
    }
    connection.run();
    try {
      super.close();
    } catch (IOException broken) {
      // As was meant.
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
