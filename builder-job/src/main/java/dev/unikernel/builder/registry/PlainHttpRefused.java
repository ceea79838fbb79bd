package dev.unikernel.builder.registry;

import java.io.IOException;

/** A registry sends its caller to a place without TLS, which is not allowed for that host. */
final class PlainHttpRefused extends IOException {
  private static final long serialVersionUID = 1L;

  private final String host;

  /**
   * @param host {@code host:port}
   */
  PlainHttpRefused(String host) {
    super("plain HTTP to " + host);
    this.host = host;
  }

  String host() {
    return host;
  }
}
