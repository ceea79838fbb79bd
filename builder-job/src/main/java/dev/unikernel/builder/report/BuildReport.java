package dev.unikernel.builder.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What a build made, or why it could not: the JSON in the builder container's termination message,
 * at most 4096 bytes (the kubelet cuts there). Exactly one of {@code artifact} and {@code error} is
 * set.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildReport(
    Artifact artifact, Surface surface, Surface sourceSurface, Source source, BuildError error) {

  /**
   * A published disk.
   *
   * @param registry {@code repository@sha256:…}
   * @param digest {@code sha256:…} of the manifest
   * @param kernelSha256 hex digest of the kernel file inside
   * @param sizeBytes bytes of the disk, or of kernel and initrd together
   * @param unpackedBytes bytes of the files that a linux guest unpacks into its memory; null for
   *     kernels that read them from the disk
   * @param tag that leads to it, or null
   * @param note what the user may not expect of it, such as another tag; null where there is
   *     nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Artifact(
      String registry,
      String digest,
      String kernel,
      String kernelVersion,
      String kernelSha256,
      long sizeBytes,
      Long unpackedBytes,
      String tag,
      String note) {}

  /** Counts over a file tree. */
  public record Surface(int files, int executables, int sharedLibraries, int setuid, int shells) {}

  /** What the source says and a unikernel has no place for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Source(String digest, String user, List<String> volumes) {}

  /**
   * Why the build failed.
   *
   * @param code one CamelCase word, stable: a {@link BuildError.Code}
   * @param message a sentence that names the file, host or field
   * @param remedy what to do instead
   */
  public record BuildError(Code code, String message, String remedy) {

    /** Each says whether running the same build again can help. */
    public enum Code {
      /** The plan that the operator wrote is invalid: a defect of the operator. */
      InvalidPlan(false),
      /** The source's registry cannot be reached or answers 5xx. */
      SourceUnavailable(true),
      /** The source's registry refuses us, or has no such image. */
      PullRefused(false),
      /** What was pulled is not what its digest says, or cannot be read. */
      SourceCorrupt(false),
      /** The source has no image for this architecture, or the program is for another. */
      WrongArchitecture(false),
      /** The program is not in the tree. */
      ProgramMissing(false),
      /** The program is a script or otherwise no ELF executable. */
      ProgramNotExecutable(false),
      /** A shared library that the program needs is not in the source. */
      LibraryMissing(false),
      /** A file cannot be put where the user wants it. */
      FileConflict(false),
      /** The kernel release cannot be fetched. */
      KernelUnavailable(true),
      /** The place of the kernel release refuses us, or has no such release. */
      KernelRefused(false),
      /** A file of the kernel release is not the one in the catalogue. */
      KernelMismatch(false),
      /** The program's needs exceed what this kernel can hold or do. */
      KernelLimit(false),
      /** The target registry cannot be reached or answers 5xx. */
      TargetUnavailable(true),
      /** The target registry refuses the push. */
      PushRefused(false),
      /** The builder's heap is too small for this build. */
      OutOfMemory(false),
      /** The builder's scratch space is too small for this build. */
      ScratchFull(false),
      /** The build was not done in the time it has. */
      BuildTimeout(false),
      /** The builder was told to stop: its pod was evicted or deleted. */
      Stopped(true),
      /** Anything else: a defect of the builder, worth one more try. */
      Internal(true);

      private final boolean retryable;

      Code(boolean retryable) {
        this.retryable = retryable;
      }

      public boolean retryable() {
        return retryable;
      }
    }
  }

  /** Exit codes of the builder, after sysexits.h. */
  public static final int EXIT_OK = 0;

  /** The same plan fails again: the user must change something. */
  public static final int EXIT_PERMANENT = 65;

  /** A retry can help. */
  public static final int EXIT_TEMPORARY = 75;
}
