package dev.unikernel.builder.kernel;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gets a kernel release from where the platform team's catalogue says it is, and believes nothing
 * but the digests there.
 *
 * @param scratch an existing directory for what is downloaded
 * @param images reads releases that are OCI images
 */
public record ReleaseFetcher(Path scratch, ImageFiles images) {

  /**
   * Only the wanted files of a release. A release in a directory is checked in place.
   *
   * @throws BuildFailure {@code KernelUnavailable} or {@code KernelRefused} where a file cannot be
   *     had, {@code KernelMismatch} where it is another than the catalogue says
   */
  public ReleaseFiles fetch(BuildPlan.KernelRelease release, Set<String> wanted)
      throws IOException {
    TreeMap<String, String> digests = new TreeMap<>();
    for (String name : new TreeSet<>(wanted)) {
      digests.put(name, catalogued(release, name));
    }
    Path directory = directory(release, digests.navigableKeySet());
    for (var file : digests.entrySet()) {
      verify(release, directory, file.getKey(), file.getValue());
    }
    return new ReleaseFiles(directory, digests);
  }

  private Path directory(BuildPlan.KernelRelease release, Set<String> wanted) throws IOException {
    if (release.directory() != null) {
      return Path.of(release.directory());
    }
    Path directory = Files.createDirectories(scratch.resolve("kernel-" + release.name()));
    try {
      if (release.image() != null) {
        images.extract(release.image(), wanted, directory);
      } else {
        ReleaseDownload.download(release.url(), wanted, directory);
      }
    } catch (IOException e) {
      BuildFailure.ifScratchIsFull(e)
          .ifPresent(
              full -> {
                throw full;
              });
      String place = release.image() != null ? release.image() : release.url();
      throw new BuildFailure(
          Code.KernelUnavailable,
          "kernel %s cannot be fetched from %s: %s"
              .formatted(title(release), place, e.getMessage()),
          "check that the cluster reaches that address, or correct it in the kernel catalogue",
          e);
    }
    return directory;
  }

  private static String catalogued(BuildPlan.KernelRelease release, String name) {
    String digest = release.files().get(name);
    if (digest == null) {
      throw new BuildFailure(
          Code.KernelMismatch,
          "the kernel catalogue's entry %s names no file %s".formatted(title(release), name),
          "add the file with its sha256 to the entry");
    }
    if (name.startsWith("/") || Path.of(name).normalize().startsWith("..")) {
      throw new BuildFailure(
          Code.KernelMismatch,
          "the kernel catalogue's entry %s names %s, which lies outside of the release"
              .formatted(title(release), name),
          "name files by their path within the release");
    }
    return digest;
  }

  private static void verify(
      BuildPlan.KernelRelease release, Path directory, String name, String expected)
      throws IOException {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new BuildFailure(
          Code.KernelUnavailable,
          "kernel %s has no file %s".formatted(title(release), name),
          "correct the entry in the kernel catalogue, or complete the release");
    }
    String actual = Sha256.of(file);
    if (!actual.equalsIgnoreCase(expected)) {
      throw new BuildFailure(
          Code.KernelMismatch,
          "%s of kernel %s has sha256 %s, and the catalogue says %s"
              .formatted(name, title(release), actual, expected),
          "find out which of the two is right before you change the kernel catalogue");
    }
  }

  private static String title(BuildPlan.KernelRelease release) {
    return release.name() + " " + release.version();
  }
}
