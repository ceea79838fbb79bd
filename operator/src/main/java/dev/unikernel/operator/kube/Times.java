package dev.unikernel.operator.kube;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Times as they stand in objects that other programs, and users, may write. */
public final class Times {
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Times() {}

  /** An RFC 3339 time; empty for null, for any other text, and for years that no clock shows. */
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.ofNullable(text)
          .map(Instant::parse)
          .filter(time -> !time.isBefore(Instant.EPOCH) && !time.isAfter(LATEST));
    } catch (DateTimeParseException other) {
      return Optional.empty();
    }
  }
}
