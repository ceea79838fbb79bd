package dev.unikernel.builder;

import dev.unikernel.builder.kernel.ImageFiles;
import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.kernel.linux.LinuxRelease;
import dev.unikernel.builder.kernel.linux.SealedLinux;
import dev.unikernel.builder.kernel.nanos.NanosKernel;
import dev.unikernel.builder.kernel.nanos.NanosRelease;
import dev.unikernel.builder.plan.BuildPlan.KernelRelease;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Path;

/** The kernel flavours by name. */
final class Kernels {
  private Kernels() {}

  /** The flavour that a catalogue entry names, its files fetched and verified. */
  static Kernel of(KernelRelease release, Path scratch, ImageFiles images) throws IOException {
    ReleaseFetcher fetcher = new ReleaseFetcher(scratch, images);
    return switch (release.name()) {
      case "nanos" -> new NanosKernel(NanosRelease.fetch(release, fetcher));
      case "linux" -> new SealedLinux(LinuxRelease.fetch(release, fetcher));
      default ->
          throw new BuildFailure(
              Code.InvalidPlan,
              "the builder knows no kernel %s".formatted(release.name()),
              "set spec.kernel.name to nanos or linux");
    };
  }
}
