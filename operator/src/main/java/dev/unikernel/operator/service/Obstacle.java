package dev.unikernel.operator.service;

import dev.unikernel.operator.kube.Applier.NameTaken;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Refusal;
import java.time.Duration;

/** What a change that the API server did not take means for the user. */
final class Obstacle {
  /** No watch shows when a quota, a policy or a name gives way. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  /** An object that is being deleted tells when it is gone, unless it is not watched. */
  private static final Duration LOOK_SOON = Duration.ofSeconds(10);

  private Obstacle() {}

  /**
   * @param reason what was refused
   */
  static Outcome of(RuntimeException fault, ServiceReason reason) {
    var failed = Outcome.Failed.of(fault);
    if (fault instanceof NameTaken taken) {
      return taken.passing()
          ? new Outcome.Waiting(ServiceReason.InstanceNameTaken, failed.message(), LOOK_SOON)
          : new Outcome.Stalled(ServiceReason.InstanceNameTaken, failed.message(), LOOK_AGAIN);
    }
    return switch (Refusal.of(fault)) {
      case FORBIDDEN -> new Outcome.Waiting(reason, failed.message(), LOOK_AGAIN);
      case INVALID, BAD_REQUEST -> new Outcome.Stalled(reason, failed.message(), LOOK_AGAIN);
      case STALE, GONE, FAULT -> failed;
    };
  }
}
