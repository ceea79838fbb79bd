package dev.unikernel.operator.backend.kubevirt;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From a VirtualMachine, its current run and that run's launcher pod to an {@link Instance}: pure.
 * The first rule that fits decides. A run that has ended counts as ended even while its conditions
 * still say ready. Of the pod, its deletion and its readiness count, which endpoints follow, and
 * nothing else: it reads "succeeded" after a crash.
 */
final class Instances {
  private static final Set<String> FINAL = Set.of("Succeeded", "Failed");
  private static final String RUNNING = "Running";
  private static final String TRUE = "True";
  private static final String FALSE = "False";

  private final VirtualMachine machine;
  private final Optional<VirtualMachineInstance> run;
  private final Optional<Pod> pod;

  private Instances(
      VirtualMachine machine, Optional<VirtualMachineInstance> run, Optional<Pod> pod) {
    this.machine = machine;
    this.run = run;
    this.pod = pod;
  }

  /**
   * The instance that a machine is.
   *
   * @param runs all VirtualMachineInstances that may belong to it
   * @param pods all launcher pods that may belong to it
   */
  static Instance of(VirtualMachine machine, List<VirtualMachineInstance> runs, List<Pod> pods) {
    var run = runs.stream().filter(one -> Owned.controls(machine, one)).findFirst();
    var pod =
        run.flatMap(owner -> pods.stream().filter(one -> Owned.controls(owner, one)).findFirst());
    return new Instances(machine, run, pod).derive();
  }

  private Instance derive() {
    boolean occupies = run.isPresent() && !ended();
    if (deletedAt(machine).isPresent()) {
      return instance(Phase.TERMINATING, deletedAt(machine).get(), occupies, null, null);
    }
    if (timeOf(Marks.HELD).isPresent()) {
      return held(timeOf(Marks.HELD).get(), occupies);
    }
    if (ended()) {
      return failed(endedAt(), !killedFromOutside(), false, ending());
    }
    if (run.flatMap(Instances::deletedAt).isPresent()) {
      var cause = new Cause("Stopped", "somebody stopped its virtual machine");
      return failed(run.flatMap(Instances::deletedAt).get(), false, true, cause);
    }
    if (pod.flatMap(Instances::deletedAt).isPresent()) {
      var cause = new Cause("PodDeleted", "its launcher pod was deleted or evicted");
      return failed(pod.flatMap(Instances::deletedAt).get(), false, true, cause);
    }
    if (run.isEmpty()) {
      return withoutRun();
    }
    if (RUNNING.equals(run.get().getStatus().phase())) {
      return running();
    }
    return starting();
  }

  private Instance held(Instant until, boolean occupies) {
    var ended = timeOf(Marks.ENDED).orElse(until);
    return instance(
        Phase.HELD,
        ended,
        occupies,
        new Ending(ended, true, until),
        mark(Marks.ENDING).map(Cause::parse).orElse(new Cause("Ended", null)));
  }

  private Instance withoutRun() {
    var failure = machineCondition("Failure").filter(condition -> condition.is(TRUE));
    if (failure.isPresent()) {
      var refused = new Cause(Cause.REFUSED, cause(failure.get()).toString());
      return failed(at(failure.get()).orElse(createdAt()), true, false, refused);
    }
    if (VirtualMachineSpec.HALTED.equals(machine.getSpec().runStrategy())) {
      return failed(
          machineCondition("Ready").flatMap(Instances::at).orElse(createdAt()),
          false,
          false,
          new Cause("Halted", "somebody halted its virtual machine"));
    }
    return starting();
  }

  private Instance running() {
    var ready = podCondition("Ready").or(() -> runCondition("Ready"));
    var since = ready.flatMap(Instances::at).orElse(createdAt());
    if (ready.filter(condition -> condition.is(TRUE)).isEmpty()) {
      var cause = notReady(ready);
      return bootedAt().filter(since::isAfter).isPresent()
          ? instance(Phase.NOT_READY, since, true, null, cause)
          : instance(Phase.STARTING, attempt().since(), true, null, cause);
    }
    var draining = timeOf(Marks.DRAINING);
    if (draining.isPresent()) {
      return instance(Phase.DRAINING, draining.get(), true, null, null);
    }
    if (!serving()) {
      var cause = new Cause("OutOfService", "the label " + Owned.SERVING + " is gone from its pod");
      return instance(Phase.NOT_READY, since, true, null, cause);
    }
    return instance(Phase.READY, since, true, null, null);
  }

  /** What endpoints follow; a condition of a booting pod is older than its guest. */
  private Optional<KubeVirtCondition> podCondition(String type) {
    return pod.map(Pod::getStatus)
        .flatMap(
            status ->
                status.getConditions().stream()
                    .filter(condition -> type.equals(condition.getType()))
                    .findFirst())
        .map(
            condition ->
                new KubeVirtCondition(
                    condition.getType(),
                    condition.getStatus(),
                    condition.getReason(),
                    condition.getMessage(),
                    condition.getLastTransitionTime()));
  }

  private Cause notReady(Optional<KubeVirtCondition> ready) {
    return runCondition("Paused")
        .filter(condition -> condition.is(TRUE))
        .or(() -> runCondition("Synchronized").filter(condition -> condition.is(FALSE)))
        .or(() -> runCondition("Ready").filter(condition -> condition.is(FALSE)))
        .or(() -> ready)
        .map(Instances::cause)
        .orElseGet(() -> new Cause("NotReady", null));
  }

  private Instance starting() {
    var cause =
        runCondition("Synchronized")
            .filter(condition -> condition.is(FALSE))
            .or(() -> runCondition("PodScheduled").filter(condition -> condition.is(FALSE)))
            .map(Instances::cause)
            .orElseGet(this::waiting);
    return instance(Phase.STARTING, attempt().since(), true, null, cause);
  }

  private Cause waiting() {
    var failure = machine.getStatus() == null ? null : machine.getStatus().startFailure();
    var word =
        run.map(one -> one.getStatus().phase())
            .or(
                () ->
                    Optional.ofNullable(machine.getStatus())
                        .map(VirtualMachineStatus::printableStatus))
            .orElse("Pending");
    return failure == null || failure.consecutiveFailCount() == null
        ? new Cause(word, null)
        : new Cause(
            word,
            "KubeVirt has failed to start it %d times".formatted(failure.consecutiveFailCount()));
  }

  private boolean ended() {
    return run.filter(one -> FINAL.contains(one.getStatus().phase())).isPresent();
  }

  private Instant endedAt() {
    var phase = run.get().getStatus().phase();
    return transition(phase).orElseGet(this::createdAt);
  }

  /** Its pod was told to go before the guest ended. */
  private boolean killedFromOutside() {
    var ended = endedAt();
    return pod.flatMap(Instances::deletedAt).filter(ended::isAfter).isPresent();
  }

  private Cause ending() {
    if (killedFromOutside()) {
      return new Cause("PodDeleted", "its launcher pod was deleted or evicted");
    }
    return "Succeeded".equals(run.get().getStatus().phase())
        ? new Cause("PoweredOff", "the guest powered itself off: its program ended")
        : new Cause("Crashed", "the guest was killed or crashed");
  }

  private Instance failed(Instant at, boolean crashed, boolean occupies, Cause cause) {
    return instance(Phase.FAILED, at, occupies, new Ending(at, crashed, null), cause);
  }

  private Instance instance(
      Phase phase, Instant since, boolean occupies, Ending ending, Cause cause) {
    var status = run.map(VirtualMachineInstance::getStatus);
    return new Instance(
        machine.getMetadata().getName(),
        requireNonNullElse(machine.getMetadata().getLabels(), Map.<String, String>of())
            .getOrDefault(Owned.REVISION, ""),
        phase,
        since,
        occupies,
        serving(),
        guest(),
        attempt(),
        ending,
        status.flatMap(Instances::address).orElse(null),
        status.map(VirtualMachineInstanceStatus::nodeName).orElse(null),
        createdAt(),
        bootedAt().orElse(null),
        cause);
  }

  /** Of a pod that nobody sees, only the machine knows whether its label was taken off. */
  private boolean serving() {
    return pod.map(one -> requireNonNullElse(one.getMetadata().getLabels(), Map.of()))
        .map(labels -> labels.containsKey(Owned.SERVING))
        .orElse(mark(Marks.DRAINING).isEmpty());
  }

  private Guest guest() {
    try {
      return mark(Marks.GUEST).map(Guest::parse).orElse(null);
    } catch (IllegalArgumentException tampered) {
      return null;
    }
  }

  /** Without failures before it, the row begins with the run: KubeVirt may have restarted it. */
  private Attempt attempt() {
    int restarts =
        mark(Marks.RESTARTS)
            .filter(text -> text.matches("\\d{1,9}"))
            .map(Integer::parseInt)
            .orElse(0);
    var began = run.map(Instances::createdAt).orElseGet(this::createdAt);
    return restarts == 0
        ? Attempt.first(began)
        : new Attempt(
            restarts,
            timeOf(Marks.SINCE).orElse(began),
            mark(Marks.LAST).map(Cause::parse).orElse(null));
  }

  private Instant createdAt() {
    return createdAt(machine);
  }

  private Optional<Instant> bootedAt() {
    return run.isEmpty() ? Optional.empty() : transition(RUNNING);
  }

  private Optional<Instant> transition(String phase) {
    return requireNonNullElse(
            run.get().getStatus().phaseTransitionTimestamps(),
            List.<VirtualMachineInstanceStatus.PhaseTransition>of())
        .stream()
        .filter(transition -> phase.equals(transition.phase()))
        .map(transition -> Instant.parse(transition.phaseTransitionTimestamp()))
        .findFirst();
  }

  private Optional<KubeVirtCondition> runCondition(String type) {
    return run.flatMap(one -> condition(one.getStatus().conditions(), type));
  }

  private Optional<KubeVirtCondition> machineCondition(String type) {
    return Optional.ofNullable(machine.getStatus())
        .flatMap(status -> condition(status.conditions(), type));
  }

  private Optional<String> mark(String name) {
    return Optional.ofNullable(machine.getMetadata().getAnnotations()).map(all -> all.get(name));
  }

  /** A time that somebody has spoilt was never noted. */
  private Optional<Instant> timeOf(String mark) {
    try {
      return mark(mark).map(Instant::parse);
    } catch (DateTimeParseException tampered) {
      return Optional.empty();
    }
  }

  private static Optional<KubeVirtCondition> condition(
      List<KubeVirtCondition> conditions, String type) {
    return requireNonNullElse(conditions, List.<KubeVirtCondition>of()).stream()
        .filter(condition -> type.equals(condition.type()))
        .findFirst();
  }

  private static Cause cause(KubeVirtCondition condition) {
    return new Cause(requireNonNullElse(condition.reason(), condition.type()), condition.message());
  }

  private static Optional<Instant> at(KubeVirtCondition condition) {
    return Optional.ofNullable(condition.lastTransitionTime()).map(Instant::parse);
  }

  private static Optional<String> address(VirtualMachineInstanceStatus status) {
    return requireNonNullElse(
            status.interfaces(), List.<VirtualMachineInstanceStatus.Interface>of())
        .stream()
        .map(VirtualMachineInstanceStatus.Interface::ipAddress)
        .filter(ip -> ip != null && !ip.isBlank())
        .findFirst();
  }

  private static Instant createdAt(HasMetadata object) {
    var created = object.getMetadata().getCreationTimestamp();
    return created == null ? Instant.EPOCH : Instant.parse(created);
  }

  /** When its deletion was asked for: its timestamp is when the grace time will be over. */
  private static Optional<Instant> deletedAt(HasMetadata object) {
    var meta = object.getMetadata();
    long grace = requireNonNullElse(meta.getDeletionGracePeriodSeconds(), 0L);
    return Optional.ofNullable(meta.getDeletionTimestamp())
        .map(timestamp -> Instant.parse(timestamp).minusSeconds(grace));
  }
}
