package dev.unikernel.builder;

import dev.unikernel.builder.report.BuildReport.BuildError;

/** A build that cannot go on, in the user's words: it ends as {@link BuildError} in the report. */
public final class BuildFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BuildError.Code code;
  private final String remedy;

  /**
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

  public BuildError error() {
    return new BuildError(code, getMessage(), remedy);
  }
}
