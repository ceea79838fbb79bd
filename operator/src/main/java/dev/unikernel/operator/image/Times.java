package dev.unikernel.operator.image;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** Times as they stand in a status, which anybody with the right may edit. */
final class Times {
  private Times() {}

  /** Empty where it is no RFC 3339 time in UTC. */
  static Optional<Instant> parse(String time) {
    try {
      return Optional.ofNullable(time).map(Instant::parse);
    } catch (DateTimeException edited) {
      return Optional.empty();
    }
  }
}
