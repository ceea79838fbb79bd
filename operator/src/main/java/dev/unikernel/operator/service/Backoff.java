package dev.unikernel.operator.service;

import dev.unikernel.operator.backend.Instance;
import java.time.Duration;
import java.time.Instant;

/** How long the place of a guest that ended stays empty: the kubelet's CrashLoopBackOff delays. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** A guest that ran this long has not been crashing: failures are counted from zero again. */
  static final Duration STABLE = Duration.ofMinutes(5);

  private Backoff() {}

  /** Whether its guest had run for so long at that time. */
  static boolean stable(Instance instance, Instant at) {
    return instance.bootedAt() != null && !instance.bootedAt().plus(STABLE).isAfter(at);
  }

  /** None after the first end, then 10 s, doubled each time, at most five minutes. */
  static Duration after(int restarts) {
    if (restarts == 0) {
      return Duration.ZERO;
    }
    var wait = FIRST.multipliedBy(1L << Math.min(restarts - 1, 10));
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
