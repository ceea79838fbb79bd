package dev.unikernel.builder.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code src/test/c/expects.c} with the loader and the C library of the machine that tests. */
public final class ExpectingProgram {
  public static final String PATH = "/bin/expects";

  /** It looks up a name by each of the search domains of a pod, and a public one. */
  public static final GuestProgram PROGRAM =
      new GuestProgram(
          PATH,
          List.of("expects", "localhost", "db", "db.prod", "db.prod.svc", "www.example.org", "no"),
          Map.of(),
          "/");

  /** What the name server of such a test knows. */
  public static final Map<String, String> NAMES =
      Map.of("db.prod.svc.cluster.local", "10.96.1.2", "www.example.org", "192.0.2.80");

  /** Lines that it prints where all is as it expects, on every kernel. */
  public static final List<String> FOUND =
      List.of(
          "db: 10.96.1.2",
          "db.prod: 10.96.1.2",
          "db.prod.svc: 10.96.1.2",
          "www.example.org: 192.0.2.80",
          "no: Name or service not known",
          "nobody: 65534",
          "/tmp: written",
          "/var/tmp: written",
          "/run: written",
          "/var/run: written",
          "/dev/shm: written",
          "shared memory: shared",
          "done");

  private static final List<String> LIBRARIES =
      List.of("/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6");

  private ExpectingProgram() {}

  /** Compiles it; the files are no more than it takes to start. */
  public static FileTree compile(Path scratch) throws IOException, InterruptedException {
    Path binary = scratch.resolve("expects");
    Process cc =
        new ProcessBuilder(
                "cc",
                "-std=c17",
                "-D_GNU_SOURCE",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-o",
                binary.toString(),
                "src/test/c/expects.c")
            .inheritIO()
            .start();
    assertThat(cc.waitFor()).as("cc").isZero();
    FileTreeBuilder files = FileTree.builder().put(PATH, file(binary));
    for (String library : LIBRARIES) {
      files.put(library, file(Path.of(library)));
    }
    return files.build();
  }

  private static Entry file(Path path) throws IOException {
    return new Entry.File(0755, Content.of(Files.readAllBytes(path)));
  }
}
