package dev.unikernel.operator.service;

import dev.unikernel.operator.kube.Applier.NameTaken;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;

/** What a change that the API server did not take means for the user. */
final class Refusal {
  private static final int UNPROCESSABLE = 422;

  /** Nobody tells us when a quota, a policy or a name gives way. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  /** An object that is being deleted tells when it is gone, unless it is not watched. */
  private static final Duration LOOK_SOON = Duration.ofSeconds(10);

  private Refusal() {}

  /**
   * Whether a change rests on a state that has passed: the object has been written or deleted since
   * it was cached. That is no fault of the user's, and the next pass knows better.
   */
  static boolean isStale(RuntimeException fault) {
    return fault instanceof KubernetesClientException refused
        && refused.getCode() == HttpURLConnection.HTTP_CONFLICT;
  }

  /**
   * A quota or a policy may give way; what the API server finds invalid stays so. All else is a
   * fault that a retry can heal.
   *
   * @param reason what was refused
   */
  static Outcome of(RuntimeException fault, ServiceReason reason) {
    var failed = Outcome.Failed.of(fault);
    if (fault instanceof NameTaken taken) {
      return taken.passing()
          ? new Outcome.Waiting(ServiceReason.InstanceNameTaken, failed.message(), LOOK_SOON)
          : new Outcome.Stalled(ServiceReason.InstanceNameTaken, failed.message(), LOOK_AGAIN);
    }
    int code = fault instanceof KubernetesClientException refused ? refused.getCode() : 0;
    return switch (code) {
      case HttpURLConnection.HTTP_FORBIDDEN ->
          new Outcome.Waiting(reason, failed.message(), LOOK_AGAIN);
      case UNPROCESSABLE, HttpURLConnection.HTTP_BAD_REQUEST ->
          new Outcome.Stalled(reason, failed.message(), LOOK_AGAIN);
      default -> failed;
    };
  }
}
