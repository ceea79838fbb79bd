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
import java.util.stream.Collectors;

/**
 * What a pass tells the user: pure.
 *
 * @param outcome how the pass ended
 * @param status the whole new status
 */
record ServiceReport(Outcome outcome, UnikernelServiceStatus status) {

  /** Revisions that the status remembers. */
  private static final int REVISIONS = 10;

  /** After a pass that looked at everything. */
  static ServiceReport of(
      UnikernelService service, Target target, String backend, Observation seen) {
    var outcome = outcome(target, seen);
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

  /** After a pass that could not look, or not go on: what was known stays. */
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
            Traffic.endpoint(service));
    return new ServiceReport(outcome, status);
  }

  private static Outcome outcome(Target target, Observation seen) {
    if (target instanceof Target.Open open) {
      return open.outcome();
    }
    var fleet = Fleet.of(seen);
    if (waitsForResume(seen)) {
      return new Outcome.Waiting(
          ServiceReason.Paused,
          "%s Revision %s waits until spec.rollout.paused is false."
              .formatted(count(fleet), seen.target().revision()));
    }
    if (fleet.overdue()) {
      var reason =
          fleet.current().stream().anyMatch(Instance::over)
              ? ServiceReason.CrashLoop
              : ServiceReason.ProgressDeadlineExceeded;
      return new Outcome.Stalled(
          reason,
          "%s No progress for %d s. %s"
              .formatted(count(fleet), seen.deadline().toSeconds(), evidence(fleet)));
    }
    if (fleet.available(fleet.current()) < seen.desired() && fleet.failing()) {
      return new Outcome.Waiting(ServiceReason.CrashLoop, count(fleet) + " " + evidence(fleet));
    }
    long old = seen.instances().stream().filter(one -> outdated(one, seen)).count();
    if (old > 0) {
      return new Outcome.Waiting(
          ServiceReason.RollingOut,
          "%s %d of an older revision. %s".formatted(count(fleet), old, evidence(fleet)).strip());
    }
    if (fleet.available(fleet.current()) < seen.desired()) {
      return new Outcome.Waiting(
          ServiceReason.Starting, (count(fleet) + " " + evidence(fleet)).strip());
    }
    boolean draining = seen.instances().stream().anyMatch(one -> one.phase() == Phase.DRAINING);
    if (draining || fleet.current().size() > seen.desired()) {
      return new Outcome.Waiting(
          ServiceReason.Finishing, count(fleet) + " Others are being taken away.");
    }
    return seen.desired() == 0
        ? new Outcome.Steady(ServiceReason.ScaledToZero, "No instance is wanted.")
        : new Outcome.Steady(ServiceReason.Serving, count(fleet));
  }

  /** Paused, and what runs is not what would run. */
  private static boolean waitsForResume(Observation seen) {
    return seen.paused()
        && seen.target() != null
        && seen.instances().stream()
            .noneMatch(one -> one.revision().equals(seen.target().revision()) && !one.leaving());
  }

  /** Of another revision than what would run, and not on its last way yet. */
  private static boolean outdated(Instance instance, Observation seen) {
    return seen.rolling()
        && instance.phase() != Phase.TERMINATING
        && !instance.revision().equals(seen.target().revision());
  }

  private static String count(Fleet fleet) {
    return "%d of %d instances are available."
        .formatted(fleet.available(fleet.current()), fleet.seen().desired());
  }

  /** What holds up the instances that are not available. */
  private static String evidence(Fleet fleet) {
    return fleet.current().stream()
        .filter(one -> !fleet.available(one))
        .limit(3)
        .map(ServiceReport::evidence)
        .collect(Collectors.joining(" "));
  }

  private static String evidence(Instance instance) {
    var text = new StringBuilder(instance.name()).append(" is ").append(instance.phase().word());
    if (instance.cause() != null) {
      text.append(" (").append(instance.cause()).append(')');
    }
    if (instance.attempt().restarts() > 0) {
      text.append(", after ").append(instance.attempt().restarts()).append(" failures");
    }
    if (instance.phase() == Phase.HELD) {
      text.append("; next try at ").append(second(instance.ending().retryAt()));
    }
    return text.append('.').toString();
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
