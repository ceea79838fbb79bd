package dev.unikernel.builder.registry;

import java.io.IOException;

/** A token service's answer that holds no token; nothing of it is quoted. */
final class NoToken extends IOException {
  private static final long serialVersionUID = 1L;

  NoToken() {
    super("a token service gave no token");
  }
}
