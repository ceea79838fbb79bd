package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Applier.NameTaken;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Refusal;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.util.Optional;

/** Puts the Service of {@link Traffic} into the cluster, but never over one of another owner. */
final class Frontage {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private Frontage() {}

  /**
   * Empty when it stands, or why it does not. Instances are kept going all the same, so that a
   * fault here is told and tried again, and never thrown.
   */
  static Optional<Outcome> put(Context<UnikernelService> context) {
    try {
      Applier.apply(context, Traffic.to(context.getPrimaryResource()));
      return Optional.empty();
    } catch (NameTaken e) {
      return Optional.of(
          e.passing()
              ? new Outcome.Waiting(ServiceReason.ServiceNameTaken, e.getMessage(), LOOK_AGAIN)
              : new Outcome.Stalled(
                  ServiceReason.ServiceNameTaken,
                  e.getMessage() + " Or give the UnikernelService another name.",
                  LOOK_AGAIN));
    } catch (KubernetesClientException e) {
      if (Refusal.of(e) == Refusal.STALE) {
        return Optional.empty();
      }
      return Optional.of(
          switch (Obstacle.of(e, ServiceReason.ServiceRefused)) {
            case Outcome.Failed failed ->
                new Outcome.Waiting(failed.reason(), failed.message(), LOOK_AGAIN);
            case Outcome refused -> refused;
          });
    }
  }
}
