package dev.unikernel.builder.registry;

import java.io.IOException;

/** A registry's answer that is none; the message says how, and quotes nothing of it. */
final class Malformed extends IOException {
  private static final long serialVersionUID = 1L;

  Malformed(String how) {
    super(how);
  }

  Malformed(String how, Throwable cause) {
    super(how, cause);
  }
}
