package dev.unikernel.operator.image;

import java.time.Duration;
import java.util.Optional;

/** Whether building the same again can help once a Job has used up its own tries. */
enum Retry {
  /** The world may heal by itself: a registry that does not answer. */
  SOON(Duration.ofSeconds(30), Duration.ofMinutes(10)),
  /**
   * It may be repaired where the operator does not see it: a login, an image that is pushed later.
   */
  SELDOM(Duration.ofMinutes(2), Duration.ofMinutes(30)),
  /** The same inputs fail the same way. */
  NEVER(Duration.ZERO, Duration.ZERO);

  private static final int DOUBLINGS = 10;

  private final Duration first;
  private final Duration longest;

  Retry(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
  }

  /**
   * How long to wait after an attempt failed, doubling with each.
   *
   * @param attempt 1 for the first
   */
  Optional<Duration> delay(int attempt) {
    if (this == NEVER) {
      return Optional.empty();
    }
    var grown = first.multipliedBy(1L << Math.min(attempt - 1, DOUBLINGS));
    return Optional.of(grown.compareTo(longest) < 0 ? grown : longest);
  }
}
