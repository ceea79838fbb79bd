package dev.unikernel.builder.bench;

import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.nanos.BootDisk;
import dev.unikernel.builder.kernel.nanos.NanosRelease;
import dev.unikernel.builder.kernel.nanos.Releases;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * How long it takes to write the disk of a Node.js server, beside the time that copying its bytes
 * twice takes: both in turn, round by round, so that neither gets the quieter machine.
 */
public final class DiskBench {
  private static final int ROUNDS = 7;
  private static final double ALLOWANCE_SECONDS = 0.5;

  /** As Debian's nodejs with its shared libraries: 99 MB, most of it in the program. */
  private static final int[] FILE_BYTES = {
    47_000_000,
    30_000_000,
    5_000_000,
    5_000_000,
    4_000_000,
    3_000_000,
    2_000_000,
    1_000_000,
    1_000_000,
    500_000,
    500_000
  };

  private final Path scratch;
  private final List<Path> sources = new ArrayList<>();
  private final FileTreeBuilder tree = FileTree.builder();
  private final NanosRelease release;

  private DiskBench(Path scratch) throws IOException {
    this.scratch = scratch;
    this.release = Releases.standIn(scratch.resolve("release"), 1_742_992);
    for (int i = 0; i < FILE_BYTES.length; i++) {
      Path source = scratch.resolve("source-" + i);
      noise(source, FILE_BYTES[i]);
      sources.add(source);
      tree.put(
          "/lib/" + i,
          new Entry.File(0755, Content.of(FileChannel.open(source), 0, FILE_BYTES[i])));
    }
  }

  public static void main(String[] arguments) throws IOException {
    Path scratch = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "bench");
    try {
      new DiskBench(scratch).run();
    } finally {
      try (var files = Files.walk(scratch)) {
        for (Path file : files.toList().reversed()) {
          Files.delete(file);
        }
      }
    }
  }

  private void run() throws IOException {
    double[] writes = new double[ROUNDS];
    double[] copies = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      copies[round] = seconds(this::copyTwice);
      writes[round] = seconds(this::write);
      System.out.printf(
          Locale.ROOT,
          "round %d: disk %.3f s, copied twice %.3f s%n",
          round + 1,
          writes[round],
          copies[round]);
    }
    double write = median(writes);
    double copy = median(copies);
    new Figure(
            "Nanos disk of Node.js, 99 MB",
            write,
            "s",
            copy + ALLOWANCE_SECONDS,
            "copied twice",
            copy)
        .print();
  }

  private void write() throws IOException {
    BootDisk.write(
        scratch.resolve("disk.img"),
        tree.build(),
        new GuestProgram("/lib/0", List.of("node"), Map.of(), "/"),
        release);
  }

  private void copyTwice() throws IOException {
    for (int copy = 0; copy < 2; copy++) {
      for (int i = 0; i < sources.size(); i++) {
        Files.copy(sources.get(i), scratch.resolve("copy-%d-%d".formatted(copy, i)));
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private double seconds(Step step) throws IOException {
    long start = System.nanoTime();
    step.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    try (var outputs = Files.newDirectoryStream(scratch, "{copy-*,disk.img}")) {
      for (Path output : outputs) {
        Files.delete(output);
      }
    }
    return seconds;
  }

  private static void noise(Path file, int size) throws IOException {
    Random random = new Random(size);
    byte[] block = new byte[500_000];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int done = 0; done < size; done += block.length) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  private static double median(double[] values) {
    return Arrays.stream(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }
}
