package dev.unikernel.operator.service;

import java.time.Duration;

/** How long the place of a guest that ended stays empty: the waits of the kubelet. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** A guest that ran this long has not been crashing: the row of failures begins anew. */
  static final Duration STABLE = Duration.ofMinutes(5);

  private Backoff() {}

  /** None after the first end, then 10 s, doubled each time, at most five minutes. */
  static Duration after(int restarts) {
    if (restarts == 0) {
      return Duration.ZERO;
    }
    var wait = FIRST.multipliedBy(1L << Math.min(restarts - 1, 10));
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
