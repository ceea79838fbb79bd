package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.kernel.ReleaseFiles;
import dev.unikernel.builder.plan.BuildPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a Nanos release that one disk takes, verified.
 *
 * @param loader {@code boot.img}
 * @param kernel {@code kernel.img}
 * @param kernelSha256 hex digest of the kernel
 * @param klibs name to file; all of them are loaded
 */
public record NanosRelease(
    Path loader, Path kernel, String kernelSha256, SortedMap<String, Path> klibs) {
  private static final String LOADER = "boot.img";
  private static final String KERNEL = "kernel.img";
  private static final String KLIBS = "klibs/";

  /**
   * Fetches only what the plan asks for: loader, kernel, its klibs and those that they need.
   *
   * @throws BuildFailure {@code KernelLimit} for an unknown klib, and what the fetcher says
   */
  public static NanosRelease fetch(BuildPlan.KernelRelease plan, ReleaseFetcher fetcher)
      throws IOException {
    SortedSet<String> released = new TreeSet<>();
    for (String file : plan.files().keySet()) {
      if (file.startsWith(KLIBS)) {
        released.add(file.substring(KLIBS.length()));
      }
    }
    List<String> asked = Objects.requireNonNullElse(plan.klibs(), List.of());
    SortedSet<String> klibs = Klibs.complete(asked, released);
    SortedSet<String> wanted = new TreeSet<>(List.of(LOADER, KERNEL));
    klibs.forEach(klib -> wanted.add(KLIBS + klib));
    ReleaseFiles files = fetcher.fetch(plan, wanted);
    SortedMap<String, Path> klibFiles = new TreeMap<>();
    klibs.forEach(klib -> klibFiles.put(klib, files.file(KLIBS + klib)));
    return new NanosRelease(
        files.file(LOADER), files.file(KERNEL), files.sha256(KERNEL), klibFiles);
  }
}
