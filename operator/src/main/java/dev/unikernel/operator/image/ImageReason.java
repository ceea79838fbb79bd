package dev.unikernel.operator.image;

import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.operator.decoding.Undecodable;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.status.Reason;

/** Why a UnikernelImage is as it is. */
enum ImageReason implements Reason {
  Published("The disk of the current inputs is in the registry."),
  BuilderPending("The builder Job is there and its pod has not started yet."),
  BuilderQueued("As many builders run as the platform allows; this build waits for one to end."),
  Building("The builder pod runs."),
  ArtifactMissing("The registry no longer has the published disk; it is built again."),

  Invalid(Undecodable.MEANING),
  ConfigMapMissing("A ConfigMap that spec.files names does not exist yet."),
  ConfigMapKeyMissing("A ConfigMap that spec.files names has no such key."),
  FilesTooLarge("The files of spec.files together are larger than a ConfigMap can carry."),
  UnknownKernel("The platform team's catalogue has no such kernel release."),
  UnknownKlib("The kernel release has no such klib."),

  NameTaken("An object of another owner has the name that the builder Job or its ConfigMap needs."),
  BuilderRefused("The API server refuses the builder Job or its pod: quota, policy or admission."),
  BuilderUnschedulable("No node takes the builder pod."),
  BuilderImageUnavailable("The builder's own container image cannot be pulled."),
  BuilderNotStarted("The kubelet cannot start the builder container."),
  BuilderCrashed("The builder ended without saying why."),
  ReportLost(
      "The builder Job succeeded, but its report was lost, so the published digest is unknown."),
  Stopped("The builder pod was evicted or deleted before the build ended."),
  BuildTimeout("The build was not done within spec.build.timeoutSeconds."),
  OutOfMemory("The builder needed more memory than its limit."),
  ScratchFull("The builder needed more scratch space than its limit."),

  InvalidPlan("The builder did not understand what the operator asked for."),
  SourceUnavailable("The registry of spec.source.image does not answer."),
  PullRefused("The registry of spec.source.image refuses the pull or has no such image."),
  SourceCorrupt("The source image is not what its digest says, or cannot be read."),
  WrongArchitecture("The source image or its program is for another architecture."),
  ProgramMissing("The program is not in the source image."),
  ProgramNotExecutable("The program is not an ELF executable."),
  LibraryMissing("A shared library that the program needs is not in the source image."),
  FileConflict("A file of spec.files cannot be put where it should go."),
  KernelUnavailable("The kernel release cannot be fetched."),
  KernelRefused("The place of the kernel release refuses the builder, or has no such release."),
  KernelMismatch("A file of the kernel release is not the one in the catalogue."),
  KernelLimit("The program needs more than this kernel can hold or do."),
  TargetUnavailable("The registry of spec.publish does not answer."),
  PushRefused("The registry of spec.publish refuses the push."),
  Internal("The builder failed by a defect of its own.");

  private final String meaning;

  ImageReason(String meaning) {
    this.meaning = meaning;
  }

  static ImageReason of(BuildError.Code code) {
    return valueOf(code.name());
  }

  @Override
  public String meaning() {
    return meaning;
  }

  /** Whether a builder Job that says so does not get to run until something else changes. */
  boolean stuck() {
    return switch (this) {
      case BuilderRefused, BuilderUnschedulable, BuilderImageUnavailable, BuilderNotStarted -> true;
      default -> false;
    };
  }

  Events.Type eventType() {
    return switch (this) {
      case Published, BuilderPending, BuilderQueued, Building -> Events.Type.Normal;
      default -> Events.Type.Warning;
    };
  }
}
