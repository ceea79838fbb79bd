package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Optional;

/** Puts the Service of {@link Traffic} into the cluster, but never over somebody else's. */
final class Frontage {
  private Frontage() {}

  /** Empty when it stands, or why it does not. */
  static Optional<Outcome.Stalled> put(Context<UnikernelService> context) {
    var service = context.getPrimaryResource();
    boolean ours =
        context
            .getSecondaryResourcesAsStream(Service.class)
            .anyMatch(one -> Owned.controls(service, one));
    if (!ours) {
      var meta = service.getMetadata();
      var there =
          context
              .getClient()
              .services()
              .inNamespace(meta.getNamespace())
              .withName(meta.getName())
              .get();
      if (there != null && !Owned.controls(service, there)) {
        return Optional.of(
            new Outcome.Stalled(
                ServiceReason.ServiceNameTaken,
                "There is a Service %s already, which this UnikernelService does not own. Delete it, or give the UnikernelService another name."
                    .formatted(meta.getName())));
      }
    }
    Applier.apply(context, Traffic.to(service));
    return Optional.empty();
  }
}
