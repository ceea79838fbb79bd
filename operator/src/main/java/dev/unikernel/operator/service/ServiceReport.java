package dev.unikernel.operator.service;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus;
import dev.unikernel.api.UnikernelServiceStatus.InstanceStatus;
import dev.unikernel.api.UnikernelServiceStatus.RevisionStatus;
import dev.unikernel.api.UnikernelServiceStatus.ServedImage;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a pass tells the user: pure.
 *
 * @param outcome how the pass ended
 * @param status the whole new status
 */
record ServiceReport(Outcome outcome, UnikernelServiceStatus status) {

  /** Revisions that the status remembers. */
  private static final int REVISIONS = 10;

  /**
   * After a pass that looked at everything.
   *
   * @param obstacle what the cluster did not take, if anything: it is told before all else
   */
  static ServiceReport of(
      UnikernelService service,
      Target target,
      String backend,
      Observation seen,
      Optional<Outcome> obstacle) {
    var outcome = obstacle.orElseGet(() -> Verdict.of(service, target, seen));
    var old = requireNonNullElse(service.getStatus(), blank());
    var fleet = Fleet.of(seen);
    var guest = target instanceof Target.Known known ? known.guest() : null;
    var status =
        new UnikernelServiceStatus(
            service.getMetadata().getGeneration(),
            fleet.current().size() + fleet.old().size(),
            count(seen, Phase.READY),
            updated(seen, guest),
            fleet.available(seen.instances()),
            Traffic.podSelector(service),
            conditions(outcome, service, seen.now()),
            guest == null ? old.revision() : guest.revision(),
            guest == null ? old.image() : new ServedImage(guest.digest()),
            backend,
            instances(seen),
            revisions(old, guest, fleet),
            Traffic.endpoint(service));
    return new ServiceReport(outcome, status);
  }

  /** After a pass that could not look: what was known stays. */
  static ServiceReport of(UnikernelService service, Outcome outcome, Instant now) {
    var old = requireNonNullElse(service.getStatus(), blank());
    var status =
        new UnikernelServiceStatus(
            service.getMetadata().getGeneration(),
            old.replicas(),
            old.readyReplicas(),
            old.updatedReplicas(),
            old.availableReplicas(),
            Traffic.podSelector(service),
            conditions(outcome, service, now),
            old.revision(),
            old.image(),
            old.backend(),
            old.instances(),
            old.revisions(),
            service.getSpec() == null ? old.endpoint() : Traffic.endpoint(service));
    return new ServiceReport(outcome, status);
  }

  private static int count(Observation seen, Phase phase) {
    return (int) seen.instances().stream().filter(one -> one.phase() == phase).count();
  }

  private static int updated(Observation seen, Guest guest) {
    return (int)
        seen.instances().stream()
            .filter(one -> !one.leaving() && guest != null)
            .filter(one -> one.revision().equals(guest.revision()))
            .count();
  }

  private static List<Condition> conditions(
      Outcome outcome, UnikernelService service, Instant now) {
    var old = service.getStatus() == null ? null : service.getStatus().conditions();
    return ConditionSet.of(outcome, old, service.getMetadata().getGeneration(), now);
  }

  private static List<InstanceStatus> instances(Observation seen) {
    return seen.instances().stream().sorted(Fleet.ORDER).map(ServiceReport::instance).toList();
  }

  private static InstanceStatus instance(Instance seen) {
    return new InstanceStatus(
        seen.name(),
        seen.revision(),
        seen.phase().word(),
        seen.address(),
        seen.location(),
        second(seen.bootedAt()),
        seen.phase() == Phase.READY ? second(seen.since()) : null,
        seen.attempt().restarts(),
        seen.cause() == null ? null : seen.cause().toString());
  }

  private static List<RevisionStatus> revisions(
      UnikernelServiceStatus old, Guest guest, Fleet fleet) {
    var known = requireNonNullElse(old.revisions(), List.<RevisionStatus>of());
    Optional<Instant> ready =
        fleet.seen().instances().stream()
            .filter(one -> guest != null && one.revision().equals(guest.revision()))
            .filter(one -> one.phase() == Phase.READY)
            .map(Instance::since)
            .min(Instant::compareTo);
    if (ready.isEmpty()
        || known.stream().anyMatch(one -> Objects.equals(one.revision(), guest.revision()))) {
      return known;
    }
    var all = new ArrayList<RevisionStatus>();
    all.add(new RevisionStatus(guest.revision(), guest.digest(), second(ready.get())));
    all.addAll(known);
    return List.copyOf(all.subList(0, Math.min(all.size(), REVISIONS)));
  }

  private static String second(Instant time) {
    return time == null ? null : time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static UnikernelServiceStatus blank() {
    return new UnikernelServiceStatus(
        null, 0, 0, 0, 0, null, null, null, null, null, null, null, null);
  }
}
