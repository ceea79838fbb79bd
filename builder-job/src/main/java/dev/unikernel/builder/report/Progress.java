package dev.unikernel.builder.report;

import java.io.PrintStream;
import java.util.function.LongConsumer;

/** Progress, line by line, for readers of the Job's log. */
public final class Progress {
  private static final long MIB = 1 << 20;
  private static final long NANOS_BETWEEN_LINES = 2_000_000_000L;

  private final PrintStream out;
  private volatile String last = "its start";

  public Progress(PrintStream out) {
    this.out = out;
  }

  /** One line. */
  public void say(String line) {
    last = line;
    out.println(line);
    out.flush();
  }

  /** The last line. */
  public String last() {
    return last;
  }

  /**
   * Follows a transfer; it says a line at its end and every two seconds before.
   *
   * @param what such as {@code pulling layer 3/7}
   * @return takes the count of bytes so far
   */
  public LongConsumer transfer(String what, long size) {
    return new LongConsumer() {
      private long nextLine = System.nanoTime() + NANOS_BETWEEN_LINES;

      @Override
      public void accept(long done) {
        if (done >= size) {
          say("%s, %s".formatted(what, amount(size)));
        } else if (System.nanoTime() - nextLine >= 0) {
          say("%s, %d of %s".formatted(what, done / MIB, amount(size)));
          nextLine = System.nanoTime() + NANOS_BETWEEN_LINES;
        }
      }
    };
  }

  private static String amount(long bytes) {
    return bytes < MIB ? (bytes + 1023) / 1024 + " KiB" : bytes / MIB + " MiB";
  }
}
