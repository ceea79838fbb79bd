package dev.unikernel.builder;

import dev.unikernel.builder.kernel.ImageFiles;
import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.ReleaseFetcher;
import dev.unikernel.builder.kernel.ResolverFile;
import dev.unikernel.builder.kernel.linux.LinuxRelease;
import dev.unikernel.builder.kernel.linux.SealedLinux;
import dev.unikernel.builder.kernel.nanos.NanosKernel;
import dev.unikernel.builder.kernel.nanos.NanosRelease;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.plan.BuildPlan.KernelRelease;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.tree.Content;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The kernel flavours by name. */
final class Kernels {
  private Kernels() {}

  /** The flavour that the plan names, its files fetched and verified. */
  static Kernel of(BuildPlan plan, Path scratch, ImageFiles images, Progress progress)
      throws IOException {
    KernelRelease release = plan.kernel();
    Optional<Content> resolver = Optional.ofNullable(plan.dns()).map(ResolverFile::of);
    ReleaseFetcher fetcher = new ReleaseFetcher(scratch, images);
    return switch (release.name()) {
      case "nanos" -> {
        if (resolver.isEmpty()) {
          progress.say("note: the operator knows no name servers: the guest cannot look up names");
        }
        yield new NanosKernel(NanosRelease.fetch(release, fetcher), resolver);
      }
      case "linux" -> new SealedLinux(LinuxRelease.fetch(release, fetcher), resolver);
      default ->
          throw new BuildFailure(
              Code.InvalidPlan,
              "the builder knows no kernel %s".formatted(release.name()),
              "set spec.kernel.name to nanos or linux");
    };
  }
}
