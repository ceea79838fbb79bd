package dev.unikernel.operator.service;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Everything that the plan may look at.
 *
 * @param service its name
 * @param desired how many instances the user wants
 * @param minReady how long an instance must have been ready to count as available
 * @param deadline how long a rollout may go without progress
 * @param paused whether the user holds rollouts
 * @param target what new instances are to boot; null while no build is known
 * @param instances all of this service, in any order
 */
public record Observation(
    String service,
    int desired,
    Bounds bounds,
    Duration minReady,
    Duration deadline,
    boolean paused,
    Guest target,
    List<Instance> instances,
    Instant now) {

  public Observation {
    instances = List.copyOf(instances);
  }

  /** What the spec asks for beside what runs. */
  static Observation of(
      UnikernelService service, Target target, List<Instance> instances, Instant now) {
    int desired = requireNonNullElse(service.getSpec().replicas(), 1);
    var rollout =
        requireNonNullElse(
            service.getSpec().rollout(),
            new UnikernelServiceSpec.Rollout(null, null, null, null, null));
    return new Observation(
        service.getMetadata().getName(),
        desired,
        Bounds.of(rollout, desired),
        Duration.ofSeconds(requireNonNullElse(rollout.minReadySeconds(), 0)),
        Duration.ofSeconds(requireNonNullElse(rollout.progressDeadlineSeconds(), 600)),
        Boolean.TRUE.equals(rollout.paused()),
        target instanceof Target.Known known ? known.guest() : null,
        instances,
        now);
  }

  /** Whether what runs may be replaced by the target. */
  public boolean rolling() {
    return target != null && !paused;
  }
}
