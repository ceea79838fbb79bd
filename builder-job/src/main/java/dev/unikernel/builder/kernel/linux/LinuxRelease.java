package dev.unikernel.builder.kernel.linux;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A release of the sealed Linux kernel: what {@code kernels/linux/release.sh} assembles.
 *
 * @param kernel a bzImage
 * @param init the static program that runs as PID 1
 * @param modules in the order in which they load, which is the order of their names
 */
public record LinuxRelease(Path kernel, Path init, List<Path> modules) {

  public LinuxRelease {
    modules = List.copyOf(modules);
  }

  /** The release in a directory that holds {@code vmlinuz}, {@code init}, {@code modules/*.ko}. */
  public static LinuxRelease in(Path directory) throws IOException {
    Path modules = requireThere(directory.resolve("modules"));
    try (Stream<Path> files = Files.list(modules)) {
      return new LinuxRelease(
          requireThere(directory.resolve("vmlinuz")),
          requireThere(directory.resolve("init")),
          files.filter(file -> file.toString().endsWith(".ko")).sorted().toList());
    }
  }

  private static Path requireThere(Path path) {
    if (!Files.isReadable(path)) {
      throw new BuildFailure(
          Code.KernelUnavailable,
          "the linux kernel release has no %s".formatted(path),
          "let the kernel catalogue name a directory that release.sh has assembled");
    }
    return path;
  }
}
