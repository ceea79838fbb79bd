package dev.unikernel.builder.registry;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The hosts that may be spoken to without TLS; no port is port 80. */
record PlainHttpHosts(Set<String> hosts) {
  private static final int HTTP_PORT = 80;

  static PlainHttpHosts of(Collection<String> hosts) {
    return new PlainHttpHosts(
        hosts.stream().map(PlainHttpHosts::canonical).collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * Whether the host was named.
   *
   * @param authority {@code host} or {@code host:port}
   */
  boolean contains(String authority) {
    return hosts.contains(canonical(authority));
  }

  private static String canonical(String authority) {
    String host = authority.toLowerCase(Locale.ROOT);
    return host.matches(".*:[0-9]+") ? host : host + ":" + HTTP_PORT;
  }
}
