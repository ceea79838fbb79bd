package dev.unikernel.builder.registry;

import dev.unikernel.builder.BuildFailure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * The file that a blob is written to, which takes no more bytes than the manifest says. What fails
 * here is the builder's own disk, never the registry.
 */
final class BlobSink extends OutputStream {
  private static final int BUFFER = 1 << 16;

  private final OutputStream file;
  private final long size;
  private final LongConsumer bytesSoFar;
  private long done;

  BlobSink(Path file, long size, LongConsumer bytesSoFar) {
    this.file = onDisk(() -> new BufferedOutputStream(Files.newOutputStream(file), BUFFER));
    this.size = size;
    this.bytesSoFar = bytesSoFar;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > size - done) {
      throw new Malformed("a blob has more than the %d bytes of its manifest".formatted(size));
    }
    onDisk(
        () -> {
          file.write(bytes, offset, length);
          return file;
        });
    done += length;
    bytesSoFar.accept(done);
  }

  /** To be asked when all is written. */
  void requireWhole() throws Malformed {
    if (done != size) {
      throw new Malformed("a blob has %d bytes, and %d in its manifest".formatted(done, size));
    }
  }

  @Override
  public void flush() {
    onDisk(
        () -> {
          file.flush();
          return file;
        });
  }

  @Override
  public void close() {
    onDisk(
        () -> {
          file.close();
          return file;
        });
  }

  private interface DiskCall {
    OutputStream run() throws IOException;
  }

  private static OutputStream onDisk(DiskCall call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw BuildFailure.ofScratch(e);
    }
  }
}
