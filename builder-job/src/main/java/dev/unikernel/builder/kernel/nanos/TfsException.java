package dev.unikernel.builder.kernel.nanos;

import java.io.IOException;

/** The bytes are not a Nanos disk or file system, or are a damaged one. */
public final class TfsException extends IOException {
  private static final long serialVersionUID = 1L;

  TfsException(String message) {
    super(message);
  }
}
