package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Duration;
import java.util.Optional;

/** Puts the Service of {@link Traffic} into the cluster, but never over somebody else's. */
final class Frontage {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private Frontage() {}

  /**
   * Empty when it stands, or why it does not. Instances are kept going all the same, so that a
   * fault here is told and tried again, and never thrown.
   */
  static Optional<Outcome> put(Context<UnikernelService> context) {
    try {
      if (takenByOthers(context)) {
        return Optional.of(
            new Outcome.Stalled(
                ServiceReason.ServiceNameTaken,
                "There is a Service %s already, which this UnikernelService does not own. Delete it, or give the UnikernelService another name."
                    .formatted(context.getPrimaryResource().getMetadata().getName()),
                LOOK_AGAIN));
      }
      Applier.apply(context, Traffic.to(context.getPrimaryResource()));
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(
          switch (Refusal.of(e, ServiceReason.ServiceRefused)) {
            case Outcome.Failed failed ->
                new Outcome.Waiting(failed.reason(), failed.message(), LOOK_AGAIN);
            case Outcome refused -> refused;
          });
    }
  }

  private static boolean takenByOthers(Context<UnikernelService> context) {
    var service = context.getPrimaryResource();
    if (context
        .getSecondaryResourcesAsStream(Service.class)
        .anyMatch(one -> Owned.controls(service, one))) {
      return false;
    }
    var meta = service.getMetadata();
    var there =
        context
            .getClient()
            .services()
            .inNamespace(meta.getNamespace())
            .withName(meta.getName())
            .get();
    return there != null && !Owned.controls(service, there);
  }
}
