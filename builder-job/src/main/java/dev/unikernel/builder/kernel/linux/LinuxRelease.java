package dev.unikernel.builder.kernel.linux;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.kernel.ReleaseFiles;
import dev.unikernel.builder.plan.BuildPlan.KernelRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A release of the sealed Linux kernel, verified: what {@code kernels/linux/release.sh} assembles.
 *
 * @param kernel a bzImage
 * @param kernelSha256 hex digest of the kernel
 * @param init the static program that runs as PID 1
 * @param modules in the order in which they load, which is the order of their names
 */
public record LinuxRelease(Path kernel, String kernelSha256, Path init, List<Path> modules) {
  private static final String KERNEL = "vmlinuz";
  private static final String INIT = "init";
  private static final Pattern MODULE = Pattern.compile("modules/[^/]+\\.ko");

  public LinuxRelease {
    modules = List.copyOf(modules);
  }

  /**
   * Fetches kernel, PID 1 and the modules that the catalogue names. What else lies beside them is
   * no part of the release.
   *
   * @throws BuildFailure {@code KernelMismatch} where the catalogue names no kernel or no PID 1,
   *     and what the fetcher says
   */
  public static LinuxRelease fetch(KernelRelease plan, ReleaseFetcher fetcher) throws IOException {
    List<String> modules =
        plan.files().keySet().stream().filter(MODULE.asMatchPredicate()).sorted().toList();
    SortedSet<String> wanted = new TreeSet<>(modules);
    wanted.addAll(List.of(KERNEL, INIT));
    ReleaseFiles files = fetcher.fetch(plan, wanted);
    return new LinuxRelease(
        files.file(KERNEL),
        files.sha256(KERNEL),
        files.file(INIT),
        modules.stream().map(files::file).toList());
  }

  /** A release on this machine, verified by the {@code SHA256SUMS} that release.sh wrote. */
  public static LinuxRelease in(Path directory) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    for (String line : Files.readAllLines(directory.resolve("SHA256SUMS"))) {
      String[] sumAndName = line.split(" [ *]", 2);
      sums.put(sumAndName[1], sumAndName[0]);
    }
    String version = Files.readString(directory.resolve("VERSION")).strip();
    KernelRelease plan =
        new KernelRelease("linux", version, directory.toString(), null, null, sums, List.of());
    return fetch(
        plan,
        new ReleaseFetcher(
            directory,
            (image, wanted, into) -> {
              throw new IllegalStateException("a directory is no image: " + image);
            }));
  }
}
