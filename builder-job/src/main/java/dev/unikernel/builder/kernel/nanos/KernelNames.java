package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Names that Nanos makes itself when it starts. It panics where one is taken, or where a directory
 * on the way is something else (Nanos {@code src/unix/special.c}, {@code src/unix/syscall.c}).
 */
final class KernelNames {
  private static final List<String> MADE_BY_KERNEL =
      List.of(
          "/dev/net/tun",
          "/dev/null",
          "/dev/urandom",
          "/proc/meminfo",
          "/proc/mounts",
          "/proc/self/exe",
          "/proc/self/maps",
          "/sys/devices/disks",
          "/sys/devices/system/cpu/cpu0",
          "/sys/devices/system/cpu/online");

  /** Read by the kernel, which panics where it is a directory. */
  private static final String HOST_NAME = "/etc/hostname";

  private static final int MOST_NAME_BYTES = 255;
  private static final int MOST_PATH_BYTES = 4095;
  private static final int MOST_DEPTH = 250;

  private KernelNames() {}

  /**
   * The tree without them.
   *
   * @throws BuildFailure {@code KernelLimit} for a path that no program could open under Nanos
   */
  static FileTree removedFrom(FileTree tree) {
    tree.entries().keySet().forEach(KernelNames::requireReachable);
    FileTreeBuilder kept = tree.toBuilder();
    for (String path : MADE_BY_KERNEL) {
      remove(tree, kept, path);
    }
    if (tree.get(HOST_NAME).orElse(null) instanceof Entry.Directory) {
      kept.remove(HOST_NAME);
    }
    return kept.build();
  }

  private static void remove(FileTree tree, FileTreeBuilder kept, String path) {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      Entry entry = tree.get(parent).orElse(null);
      if (entry == null) {
        return;
      }
      if (!(entry instanceof Entry.Directory)) {
        kept.remove(parent);
        return;
      }
    }
    kept.remove(path);
  }

  private static void requireReachable(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    long depth = path.chars().filter(c -> c == '/').count();
    if (bytes(name) > MOST_NAME_BYTES || bytes(path) > MOST_PATH_BYTES || depth > MOST_DEPTH) {
      throw new BuildFailure(
          Code.KernelLimit,
          "%s is longer or deeper than Nanos can open".formatted(path),
          "leave it out with contents: Minimal, or give it a shorter path");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
