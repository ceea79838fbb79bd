package dev.unikernel.builder.kernel.nanos;

/** Disks are counted in sectors of 512 bytes. */
final class Sectors {
  static final int SIZE = 512;

  private Sectors() {}

  /** Sectors that hold {@code bytes}. */
  static long holding(long bytes) {
    return Math.ceilDiv(bytes, SIZE);
  }
}
