package dev.unikernel.builder.kernel.nanos;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Releases that look like Nanos and cannot boot. */
public final class Releases {
  private Releases() {}

  /** A loader of 95 sectors, as that of Nanos 0.1.55, and a kernel of some megabytes. */
  public static NanosRelease standIn(Path directory, int kernelBytes, String... klibs)
      throws IOException {
    Files.createDirectories(directory.resolve("klibs"));
    SortedMap<String, Path> klibFiles = new TreeMap<>();
    for (String klib : klibs) {
      klibFiles.put(klib, Files.writeString(directory.resolve("klibs").resolve(klib), klib));
    }
    return new NanosRelease(
        Files.write(directory.resolve("boot.img"), loader(95 * 512)),
        Files.write(directory.resolve("kernel.img"), noise(kernelBytes)),
        "0".repeat(64),
        klibFiles);
  }

  private static byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Signed, and with the record that says how long the second stage is. */
  static byte[] loader(int size) {
    ByteBuffer loader = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    loader.put(0, (byte) 0xfa);
    loader.putLong(426, 0x8000);
    loader.putLong(434, size - 512L);
    loader.putInt(442, 12);
    loader.put(510, (byte) 0x55).put(511, (byte) 0xaa);
    return loader.array();
  }
}
