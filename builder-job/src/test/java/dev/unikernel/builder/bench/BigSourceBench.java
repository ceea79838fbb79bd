package dev.unikernel.builder.bench;

import dev.unikernel.builder.Builder;
import dev.unikernel.builder.registry.Manifest;
import dev.unikernel.builder.registry.TestRegistry;
import dev.unikernel.builder.source.TestImage;
import dev.unikernel.builder.source.TestLayer;
import dev.unikernel.builder.tree.TestElf;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Builds from a source image of 1 GiB in four layers with 60,000 files, in a JVM of its own with
 * {@code -Xmx192m}: how long that takes beside tar and gzip, and how much memory the process has at
 * most beside what it reads. It needs docker-registry.
 */
public final class BigSourceBench {
  private static final int LAYERS = 4;
  private static final int SMALL_FILES = 15_000;
  private static final int BIG_FILES = 4;
  private static final int BIG_BYTES = 60 << 20;

  /** Pulling, hashing twice, unpacking, choosing: each about what tar does. */
  private static final double MOST_TIMES_TAR = 6;

  /** Where all is kept: writing, packing, hashing twice, pushing. */
  private static final double MOST_TIMES_GZIP = 2;

  private static final double START_SECONDS = 5;
  private static final double MOST_MIB = 400;
  private static final double SOURCE_MIB = 1024;
  private static final String PEAK = "VmHWM";

  private BigSourceBench() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("big-source-");
    try (TestRegistry registry = TestRegistry.start(directory, false)) {
      Peers peers = push(registry, directory);
      double unpacked = START_SECONDS + MOST_TIMES_TAR * peers.tar();
      run(registry, directory, "Minimal", unpacked, "tar unpacks it", peers.tar());
      run(
          registry,
          directory,
          "All",
          unpacked + MOST_TIMES_GZIP * peers.gzip(),
          "tar unpacks it, gzip -1 packs it",
          peers.tar() + peers.gzip());
    } finally {
      try (var files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** Seconds that others take for the layers. */
  private record Peers(double tar, double gzip) {}

  private static Peers push(TestRegistry registry, Path directory) throws Exception {
    double tar = 0;
    double gzip = 0;
    List<Manifest.Blob> layers = new ArrayList<>();
    byte[] program = TestElf.amd64().executable().bytes();
    layers.add(
        registry.put("big", TestLayer.gzip(new TestLayer().file("app", 0755, program).tar())));
    for (int i = 0; i < LAYERS; i++) {
      Path layer = layer(directory.resolve("layer.tar"), i);
      layers.add(registry.put("big", layer));
      Path unpacked = Files.createDirectories(directory.resolve("unpacked"));
      tar += seconds("tar", "-xf", layer.toString(), "-C", unpacked.toString());
      gzip += seconds("gzip", "-1", "-c", layer.toString());
    }
    new TestImage(registry)
        .push(
            "big",
            "1",
            TestImage.config("amd64").with("Entrypoint", List.of("/app")).json(List.of()),
            layers,
            TestImage.OCI);
    return new Peers(tar, gzip);
  }

  private static double seconds(String... command) throws Exception {
    long start = System.nanoTime();
    int exit =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IllegalStateException(command[0] + " ended with " + exit);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static Path layer(Path file, int number) throws IOException {
    byte[] block = new byte[1 << 20];
    Random random = new Random(number);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (int i = 0; i < SMALL_FILES; i++) {
        entry(tar, "small/%d/%d/%d".formatted(number, i % 100, i), 1024);
        tar.write(block, 0, 1024);
        tar.closeArchiveEntry();
      }
      for (int i = 0; i < BIG_FILES; i++) {
        entry(tar, "big/%d/%d".formatted(number, i), BIG_BYTES);
        for (int written = 0; written < BIG_BYTES; written += block.length) {
          random.nextBytes(block);
          tar.write(block);
        }
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private static void entry(TarArchiveOutputStream tar, String name, long size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    tar.putArchiveEntry(entry);
  }

  private static void run(
      TestRegistry registry,
      Path directory,
      String contents,
      double goal,
      String peerName,
      double peer)
      throws Exception {
    Path kernel = Files.createDirectories(directory.resolve("kernel/modules")).getParent();
    Path plan = Files.createDirectories(directory.resolve("plan"));
    Path work = Files.createDirectories(directory.resolve("work"));
    for (String file : List.of("vmlinuz", "init")) {
      Files.write(kernel.resolve(file), new byte[0]);
    }
    String sha256 = TestRegistry.digest(new byte[0]).substring("sha256:".length());
    Files.writeString(
        plan.resolve("plan.json"),
        """
        {"name": "bench/big", "architecture": "amd64", "contents": "%s",
         "source": {"image": {"reference": "HOST/big:1"}},
         "kernel": {"name": "linux", "version": "0", "directory": "%s",
           "files": {"vmlinuz": "%s", "init": "%s"}},
         "publish": {"registry": {"repository": "HOST/built"}},
         "plainHttpRegistries": ["HOST"]}
        """
            .formatted(contents, kernel, sha256, sha256)
            .replace("HOST", registry.host()));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Xmx192m",
            "-cp",
            System.getProperty("java.class.path"),
            Peak.class.getName());
    builder
        .environment()
        .putAll(
            Map.of(
                "PLAN_DIR", plan.toString(),
                "WORK_DIR", work.toString(),
                "TERMINATION_LOG", directory.resolve("report").toString()));
    long start = System.nanoTime();
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    double mib = 0;
    try (var lines = process.inputReader()) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.startsWith(PEAK)) {
          mib = Integer.parseInt(line.replaceAll("[^0-9]", "")) / 1024.0;
        } else {
          System.out.println(line);
        }
      }
    }
    int exit = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (exit != 0) {
      throw new IllegalStateException("the builder ended with " + exit);
    }
    new Figure(
            "source of 1 GiB, contents %s: time".formatted(contents),
            seconds,
            "s",
            goal,
            peerName,
            peer)
        .print();
    new Figure(
            "source of 1 GiB, contents %s: memory, -Xmx192m".formatted(contents),
            mib,
            "MiB",
            MOST_MIB,
            "the source",
            SOURCE_MIB)
        .print();
  }

  /** The builder, which says at its end how much memory it had. */
  public static final class Peak {
    private Peak() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(Peak::say));
      Builder.main(arguments);
    }

    private static void say() {
      try {
        Files.readString(Path.of("/proc/self/status"), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith(PEAK))
            .forEach(System.out::println);
      } catch (IOException e) {
        System.out.println("peak memory unknown: " + e);
      }
    }
  }
}
