package dev.unikernel.operator.backend.kubevirt;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.kube.Times;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * From a VirtualMachine, its current run and that run's launcher pod to an {@link Instance}: pure.
 * The first rule that fits decides. A run that has ended counts as ended even while its conditions
 * still say ready. Of the pod, its deletion and its readiness count, which endpoints follow, and
 * nothing else: it reads "succeeded" after a crash.
 */
final class Instances {
  private static final Set<String> FINAL = Set.of("Succeeded", "Failed");
  private static final String RUNNING = "Running";
  private static final Set<String> PULL_FAILURES = Set.of("ErrImagePull", "ImagePullBackOff");

  /** As containerd and CRI-O say that a registry has no such manifest or repository. */
  private static final Pattern NOT_THERE =
      Pattern.compile(
          ": not found|manifest unknown|MANIFEST_UNKNOWN|name unknown|NAME_UNKNOWN|404 Not Found");

  private static final String TRUE = "True";
  private static final String FALSE = "False";

  private final VirtualMachine machine;
  private final Optional<VirtualMachineInstance> run;
  private final Optional<Pod> pod;
  private final Guest guest;

  private Instances(
      VirtualMachine machine,
      Optional<VirtualMachineInstance> run,
      Optional<Pod> pod,
      Guest guest) {
    this.machine = machine;
    this.run = run;
    this.pod = pod;
    this.guest = guest;
  }

  /**
   * The instances that machines are, in their order.
   *
   * @param runs all VirtualMachineInstances that may belong to one of them
   * @param pods all launcher pods that may belong to one of them
   */
  static List<Instance> of(
      Collection<VirtualMachine> machines,
      Collection<VirtualMachineInstance> runs,
      Collection<Pod> pods) {
    var runOf = byController(runs);
    var podOf = byController(pods);
    var guests = new HashMap<String, Guest>();
    return machines.stream()
        .map(
            machine -> {
              var run = Optional.ofNullable(runOf.get(machine.getMetadata().getUid()));
              var pod = run.map(one -> podOf.get(one.getMetadata().getUid()));
              var guest = mark(machine, Marks.GUEST).map(json -> guest(json, guests)).orElse(null);
              return new Instances(machine, run, pod, guest).derive();
            })
        .toList();
  }

  /** By the uid of the controller; of two, one that is not being deleted. */
  private static <R extends HasMetadata> Map<String, R> byController(Collection<R> objects) {
    var index = new HashMap<String, R>();
    for (var object : objects) {
      Owned.controller(object)
          .ifPresent(
              owner ->
                  index.merge(
                      owner.getUid(),
                      object,
                      (one, other) ->
                          one.getMetadata().getDeletionTimestamp() == null ? one : other));
    }
    return index;
  }

  /** Instances of one revision have the same text, which is read once; null if it was edited. */
  private static Guest guest(String json, Map<String, Guest> known) {
    try {
      return known.computeIfAbsent(json, Guest::parse);
    } catch (IllegalArgumentException edited) {
      return null;
    }
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
      var cause = new Cause("Stopped", "its virtual machine was stopped");
      return failed(run.flatMap(Instances::deletedAt).get(), false, true, cause);
    }
    if (pod.flatMap(Instances::deletedAt).isPresent()) {
      var cause = new Cause("PodDeleted", "its launcher pod was deleted or evicted");
      return failed(pod.flatMap(Instances::deletedAt).get(), false, true, cause);
    }
    if (run.isEmpty()) {
      return withoutRun();
    }
    if (RUNNING.equals(phase())) {
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
    if (VirtualMachineSpec.HALTED.equals(machine.wanted().runStrategy())) {
      return failed(
          machineCondition("Ready").flatMap(Instances::at).orElse(createdAt()),
          false,
          false,
          new Cause("Halted", "its virtual machine was halted"));
    }
    return starting();
  }

  private Instance running() {
    var draining = timeOf(Marks.DRAINING);
    if (pod.isEmpty()) {
      var since = bootedAt().orElseGet(this::createdAt);
      var cause =
          new Cause("PodMissing", "its launcher pod is not found, and traffic follows pods");
      return draining
          .map(at -> instance(Phase.DRAINING, at, true, null, null))
          .orElseGet(() -> instance(Phase.NOT_READY, since, true, null, cause));
    }
    var ready = podCondition("Ready");
    var since = ready.flatMap(Instances::at).orElse(createdAt());
    if (ready.filter(condition -> condition.is(TRUE)).isEmpty()) {
      var cause = notReady(ready);
      return bootedAt().filter(since::isAfter).isPresent()
          ? instance(Phase.NOT_READY, since, true, null, cause)
          : instance(Phase.STARTING, attempt().since(), true, null, cause);
    }
    if (draining.isPresent()) {
      return instance(Phase.DRAINING, draining.get(), true, null, null);
    }
    if (!serving()) {
      var cause = new Cause("OutOfService", "its pod has lost the labels that traffic follows");
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
                    Times.parse(condition.getLastTransitionTime()).orElse(null)));
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
    var said = machine.said();
    var word =
        run.map(one -> one.said().phase())
            .or(() -> Optional.ofNullable(said.printableStatus()))
            .orElse("Pending");
    return said.startFailures() == 0
        ? new Cause(word, null)
        : new Cause(
            word, "KubeVirt has failed to start it %s".formatted(times(said.startFailures())));
  }

  private static String times(int count) {
    return count == 1 ? "once" : count + " times";
  }

  private String phase() {
    return run.map(one -> one.said().phase()).orElse("");
  }

  private boolean ended() {
    return FINAL.contains(phase());
  }

  private Instant endedAt() {
    return entered(phase()).orElseGet(this::createdAt);
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
    if ("Succeeded".equals(phase())) {
      return new Cause("PoweredOff", "the guest powered itself off: its program ended");
    }
    return bootedAt().isPresent()
        ? new Cause("Crashed", "the guest was killed or crashed")
        : new Cause("NeverStarted", "its launcher pod ended before the guest ran");
  }

  private Instance failed(Instant at, boolean crashed, boolean occupies, Cause cause) {
    return instance(Phase.FAILED, at, occupies, new Ending(at, crashed, null), cause);
  }

  private Instance instance(
      Phase phase, Instant since, boolean occupies, Ending ending, Cause cause) {
    var said = run.map(VirtualMachineInstance::said);
    return new Instance(
        machine.getMetadata().getName(),
        Launch.revision(machine.getMetadata().getName()),
        phase,
        since,
        occupies,
        serving(),
        guest,
        attempt(),
        ending,
        said.map(VirtualMachineInstance.Status::address).orElse(null),
        said.map(VirtualMachineInstance.Status::nodeName).orElse(null),
        pod.map(one -> one.getMetadata().getName()).orElse(null),
        bootedAt().orElse(null),
        cause);
  }

  /** Of a pod that is not visible, only the machine knows whether its label was taken off. */
  private boolean serving() {
    return pod.map(
            one ->
                Marks.trafficLabels(machine).entrySet().stream()
                    .allMatch(
                        label ->
                            label
                                .getValue()
                                .equals(one.getMetadata().getLabels().get(label.getKey()))))
        .orElse(mark(Marks.DRAINING).isEmpty());
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
    return entered(RUNNING);
  }

  private Optional<Instant> entered(String phase) {
    return run.map(one -> one.said().entered().get(phase));
  }

  private Optional<KubeVirtCondition> runCondition(String type) {
    return run.flatMap(one -> KubeVirtCondition.find(one.said().conditions(), type));
  }

  private Optional<KubeVirtCondition> machineCondition(String type) {
    return KubeVirtCondition.find(machine.said().conditions(), type);
  }

  private Optional<String> mark(String name) {
    return mark(machine, name);
  }

  private static Optional<String> mark(VirtualMachine machine, String name) {
    return Optional.ofNullable(machine.getMetadata().getAnnotations()).map(all -> all.get(name));
  }

  /** A time that cannot be read counts as never noted. */
  private Optional<Instant> timeOf(String mark) {
    return mark(mark).flatMap(Times::parse);
  }

  /** In KubeVirt's words, but for a pull that fails because nothing is there to be pulled. */
  private static Cause cause(KubeVirtCondition condition) {
    var message = requireNonNullElse(condition.message(), "");
    if (PULL_FAILURES.contains(requireNonNullElse(condition.reason(), ""))
        && NOT_THERE.matcher(message).find()) {
      return new Cause(Cause.DISK_MISSING, message);
    }
    return new Cause(requireNonNullElse(condition.reason(), condition.type()), condition.message());
  }

  private static Optional<Instant> at(KubeVirtCondition condition) {
    return Optional.ofNullable(condition.since());
  }

  private static Instant createdAt(HasMetadata object) {
    return Times.parse(object.getMetadata().getCreationTimestamp()).orElse(Instant.EPOCH);
  }

  /** When its deletion was asked for: its timestamp is when the grace time will be over. */
  private static Optional<Instant> deletedAt(HasMetadata object) {
    var meta = object.getMetadata();
    long grace = requireNonNullElse(meta.getDeletionGracePeriodSeconds(), 0L);
    return Times.parse(meta.getDeletionTimestamp()).map(time -> time.minusSeconds(grace));
  }
}
