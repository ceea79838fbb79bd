package dev.unikernel.operator.backend;

import java.time.Instant;

/**
 * Where an instance stands in a row of failures of the same place.
 *
 * @param restarts how many before it ended soon after they had booted
 * @param since when the first of the row was started
 * @param last how the one before it ended; null for the first
 */
public record Attempt(int restarts, Instant since, Cause last) {

  /** A place that is tried for the first time. */
  public static Attempt first(Instant now) {
    return new Attempt(0, now, null);
  }

  /** The next one in the row, after one that ended like this. */
  public Attempt next(Cause ending) {
    return new Attempt(restarts + 1, since, ending);
  }
}
