package dev.unikernel.operator.service;

import static java.util.Comparator.comparingInt;
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

  /** Characters of an instance's reason in that list. */
  private static final int REASON_MAX = 300;

  /** Revisions that the status remembers. */
  private static final int REVISIONS = 10;

  /**
   * After a complete pass.
   *
   * @param obstacle what the cluster did not take, if anything: it is told before all else
   */
  static ServiceReport of(
      UnikernelService service,
      Target target,
      String backend,
      Observation seen,
      Optional<Outcome> obstacle) {
    var fleet = Fleet.of(seen);
    var outcome = obstacle.orElseGet(() -> Verdict.of(service, target, fleet));
    var old = requireNonNullElse(service.getStatus(), blank());
    var guest = target instanceof Target.Known known ? known.guest() : null;
    var status =
        new UnikernelServiceStatus(
            service.getMetadata().getGeneration(),
            fleet.current().size() + fleet.old().size(),
            count(seen, Phase.READY),
            guest == null ? 0 : updated(seen, guest.revision()),
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

  private static int updated(Observation seen, String revision) {
    return (int)
        seen.instances().stream()
            .filter(one -> !one.leaving() && one.revision().equals(revision))
            .count();
  }

  private static List<Condition> conditions(
      Outcome outcome, UnikernelService service, Instant now) {
    var old = service.getStatus() == null ? null : service.getStatus().conditions();
    return ConditionSet.of(outcome, old, service.getMetadata().getGeneration(), now);
  }

  /**
   * Those that need a look first; all of them where they are few, and never more than the limit.
   */
  private static List<InstanceStatus> instances(Observation seen) {
    return seen.instances().stream()
        .sorted(comparingInt(ServiceReport::health).thenComparing(Fleet.ORDER))
        .limit(UnikernelServiceStatus.MAX_INSTANCES)
        .map(ServiceReport::instance)
        .toList();
  }

  private static int health(Instance instance) {
    return switch (instance.phase()) {
      case FAILED, HELD -> 0;
      case NOT_READY -> 1;
      case STARTING -> 2;
      case DRAINING, TERMINATING -> 3;
      case READY -> 4;
    };
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
        seen.cause() == null ? null : shortened(seen.cause().toString()));
  }

  private static String shortened(String text) {
    return text.length() <= REASON_MAX ? text : text.substring(0, REASON_MAX - 1) + "…";
  }

  private static List<RevisionStatus> revisions(
      UnikernelServiceStatus old, Guest guest, Fleet fleet) {
    var known = requireNonNullElse(old.revisions(), List.<RevisionStatus>of());
    if (guest == null) {
      return known;
    }
    var revision = guest.revision();
    Optional<Instant> ready =
        fleet.seen().instances().stream()
            .filter(one -> one.phase() == Phase.READY && one.revision().equals(revision))
            .map(Instance::since)
            .min(Instant::compareTo);
    if (ready.isEmpty()
        || known.stream().anyMatch(one -> Objects.equals(one.revision(), revision))) {
      return known;
    }
    var all = new ArrayList<RevisionStatus>();
    all.add(new RevisionStatus(revision, guest.digest(), second(ready.get())));
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
