package dev.unikernel.builder;

import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.publish.ContainerDisk;
import dev.unikernel.builder.publish.ContainerDisk.Published;
import dev.unikernel.builder.registry.Logins;
import dev.unikernel.builder.registry.Purpose;
import dev.unikernel.builder.registry.RegistryAccess;
import dev.unikernel.builder.registry.RegistryAccess.Place;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.builder.report.BuildReport.Artifact;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.source.OciImage;
import dev.unikernel.builder.source.OciImages;
import dev.unikernel.builder.tree.Surface;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** The program of a builder Job: a plan in, a published disk and a report out. */
public final class Builder {
  private final Environment environment;
  private final Progress progress;
  private final Path scratch;

  Builder(Environment environment, Progress progress, Path scratch) {
    this.environment = environment;
    this.progress = progress;
    this.scratch = scratch;
  }

  public static void main(String[] arguments) {
    Environment environment = Environment.of(System.getenv());
    Progress progress = new Progress(System.out);
    System.exit(new Run(environment, progress).exitCode());
  }

  BuildReport build() throws IOException {
    BuildPlan plan = environment.plan().read();
    progress.say("building %s from %s".formatted(plan.name(), plan.source().image().reference()));
    try (OciImage source = pull(plan)) {
      Surface sourceSurface = Surface.of(source.tree());
      Guest guest = Guest.of(plan, environment.plan(), source, progress);
      Surface surface = Surface.of(guest.tree());
      progress.say(
          "the guest has %d files and %d programs, the source %d and %d"
              .formatted(
                  surface.files(),
                  surface.executables(),
                  sourceSurface.files(),
                  sourceSurface.executables()));
      progress.say("writing the disk for kernel " + plan.kernel().name());
      Kernel kernel = Kernels.of(plan, scratch, images(plan), progress);
      KernelImage disk = kernel.build(guest.tree(), guest.program(), scratch);
      Published published = publish(plan, source, disk);
      return new BuildReport(
          artifact(plan, disk, published),
          counts(surface),
          counts(sourceSurface),
          new BuildReport.Source(
              source.digest(), source.config().user(), source.config().volumes()),
          null);
    }
  }

  private OciImage pull(BuildPlan plan) throws IOException {
    return images(plan).pull(plan.source().image().reference(), Purpose.PULL_SOURCE, scratch);
  }

  private OciImages images(BuildPlan plan) throws IOException {
    return new OciImages(access(plan, environment.pullLogins()), plan.architecture(), progress);
  }

  private RegistryAccess access(BuildPlan plan, Logins logins) {
    return new RegistryAccess(
        Set.copyOf(plan.plainHttpRegistries()), logins, environment.patience(), progress::say);
  }

  private Published publish(BuildPlan plan, OciImage source, KernelImage disk) throws IOException {
    BuildPlan.Registry target = plan.publish().registry();
    Place place = access(plan, environment.pushLogins()).open(target.repository(), Purpose.PUSH);
    Published published =
        new ContainerDisk(disk, plan.architecture(), Labels.of(plan, source, disk))
            .push(place.repository(), target.tag(), scratch, progress);
    progress.say("published %s@%s".formatted(target.repository(), published.digest()));
    return published;
  }

  private static Artifact artifact(BuildPlan plan, KernelImage disk, Published published) {
    return new Artifact(
        plan.publish().registry().repository() + "@" + published.digest(),
        published.digest(),
        plan.kernel().name(),
        plan.kernel().version(),
        disk.kernelSha256(),
        disk.sizeBytes(),
        disk.unpackedBytes(),
        published.tag(),
        published.note());
  }

  private static BuildReport.Surface counts(Surface surface) {
    return new BuildReport.Surface(
        surface.files(),
        surface.executables(),
        surface.sharedLibraries(),
        surface.setuid(),
        surface.shells());
  }
}
