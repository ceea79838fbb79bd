package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Applier.NameTaken;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Readmit;
import dev.unikernel.operator.service.Plan.Step;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;

/** Takes the steps of a plan. */
record Steps(Backend backend, Story story, Clock clock) {

  /**
   * Takes every step that can be taken. After a refusal no further instance is asked for, but what
   * is to go still goes: that may be what frees the quota.
   *
   * @param image what instances boot, while it is there
   * @return what was refused first
   */
  Optional<Outcome> take(
      Plan plan,
      Observation seen,
      Optional<UnikernelImage> image,
      Context<UnikernelService> context) {
    Optional<Outcome> refused = Optional.empty();
    var kept = new HashSet<String>();
    for (var step : plan.steps()) {
      if (kept.contains(step.instance())) {
        continue;
      }
      if (refused.isEmpty() || !(step instanceof Create)) {
        var refusal = take(step, image, context);
        refused = refused.or(() -> refusal);
      }
      if (refused.isPresent() && step instanceof Create create && !reproducible(create, seen)) {
        create.replaces().map(Instance::name).ifPresent(kept::add);
      }
    }
    return refused;
  }

  /** Whether its guest is known without the instance that it replaces. */
  private static boolean reproducible(Create create, Observation seen) {
    return create.launch().guest().equals(seen.target());
  }

  private Optional<Outcome> take(
      Step step, Optional<UnikernelImage> image, Context<UnikernelService> context) {
    try {
      switch (step) {
        case Create(Launch launch, var _, var _) ->
            backend.create(launch, Target.pullSecret(image, launch.guest()).orElse(null), context);
        case Readmit readmit -> backend.readmit(readmit.of(), context);
        case Drain drain -> backend.drain(drain.of(), clock.instant(), context);
        case Hold hold -> backend.hold(hold.of(), hold.until(), context);
        case Delete delete -> backend.delete(delete.of(), context);
      }
    } catch (KubernetesClientException | NameTaken fault) {
      return Optional.of(Refusal.of(fault, ServiceReason.InstanceRefused));
    }
    story.tell(context.getPrimaryResource(), step);
    return Optional.empty();
  }
}
