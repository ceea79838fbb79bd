package dev.unikernel.operator.backend;

import java.time.Instant;

/**
 * Where an instance stands in a row of failures of the same place.
 *
 * @param restarts how many before it ended soon after they had booted
 * @param since when the first of the row was started
 */
public record Attempt(int restarts, Instant since) {

  /** A place that is tried for the first time. */
  public static Attempt first(Instant now) {
    return new Attempt(0, now);
  }

  /** The next one in the row. */
  public Attempt next() {
    return new Attempt(restarts + 1, since);
  }
}
