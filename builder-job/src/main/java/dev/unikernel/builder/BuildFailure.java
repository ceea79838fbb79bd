package dev.unikernel.builder;

import dev.unikernel.builder.report.BuildReport.BuildError;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** A build that cannot go on, in the user's words: it ends as {@link BuildError} in the report. */
public final class BuildFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BuildError.Code code;
  private final String remedy;

  /**
   * A failure of its own.
   *
   * @param message a sentence that names the file, host or field
   * @param remedy what to do instead
   */
  public BuildFailure(BuildError.Code code, String message, String remedy) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }

  public BuildFailure(BuildError.Code code, String message, String remedy, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.remedy = remedy;
  }

  /** What a failed write to the builder's own disk means: it is full, or broken. */
  public static BuildFailure ofScratch(IOException failure) {
    return ifScratchIsFull(failure)
        .orElseGet(
            () ->
                new BuildFailure(
                    BuildError.Code.Internal,
                    "the builder cannot write to its scratch space: " + failure,
                    "see whether the node's disk is well; it is tried again",
                    failure));
  }

  /** The same where the failure, or what it came from, is a full disk. */
  public static Optional<BuildFailure> ifScratchIsFull(Throwable failure) {
    return Stream.iterate(failure, at -> at != null, Throwable::getCause)
        .map(at -> String.valueOf(at.getMessage()))
        .filter(
            reason ->
                reason.contains("No space left on device")
                    || reason.contains("Disk quota exceeded"))
        .findFirst()
        .map(
            full ->
                new BuildFailure(
                    BuildError.Code.ScratchFull,
                    "the builder's scratch space is full",
                    "raise ephemeral-storage in spec.build.resources: it takes the unpacked source"
                        + " and twice the disk",
                    failure));
  }

  public BuildError error() {
    return new BuildError(code, getMessage(), remedy);
  }
}
