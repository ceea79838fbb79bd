package dev.unikernel.operator.service;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Readmit;
import dev.unikernel.operator.service.Plan.Step;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tells in Events and in the log what was done to a service, and why. */
@ApplicationScoped
class Story {
  private static final Logger LOG = LoggerFactory.getLogger(Story.class);

  /** Reasons that are often over, or followed by the service's own deletion, within seconds. */
  private static final Set<Reason> PASSING =
      Set.of(ServiceReason.ImageMissing, ServiceReason.ImageGone);

  /** How long they last before they are told. */
  private static final Duration LASTING = Duration.ofSeconds(5);

  /** After which they are dropped: the service is gone. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  private final Events events;

  /** Since when a reason has been waiting to be told, by the uid of the service. */
  private final Map<String, Instant> untold = new ConcurrentHashMap<>();

  Story(Events events) {
    this.events = events;
  }

  /** Instances that were just created: those of one pass in one Event. */
  void created(UnikernelService service, List<Create> steps) {
    steps.forEach(step -> log(service, step));
    for (var step : steps) {
      step.replaces().ifPresent(failed -> replaced(service, step, failed));
    }
    var further = steps.stream().filter(step -> step.replaces().isEmpty()).toList();
    if (!further.isEmpty()) {
      record(service, ServiceReason.InstanceCreated, created(further));
    }
  }

  private static String created(List<Create> steps) {
    var first = steps.getFirst();
    return steps.size() == 1
        ? "Created %s: %s".formatted(first.instance(), first.why())
        : "Created %d instances, %s to %s: %s"
            .formatted(steps.size(), first.instance(), steps.getLast().instance(), first.why());
  }

  private static void log(UnikernelService service, Step step) {
    LOG.atInfo()
        .addKeyValue("namespace", service.getMetadata().getNamespace())
        .addKeyValue("service", service.getMetadata().getName())
        .addKeyValue("instance", step.instance())
        .addKeyValue("why", step.why())
        .log(step.getClass().getSimpleName());
  }

  /** A step that was just taken. */
  void tell(UnikernelService service, Step step) {
    log(service, step);
    switch (step) {
      case Create create -> created(service, List.of(create));
      case Drain drain ->
          record(
              service,
              ServiceReason.InstanceDraining,
              "Took %s out of traffic: %s".formatted(step.instance(), step.why()));
      case Readmit readmit ->
          record(
              service,
              ServiceReason.InstanceReadmitted,
              "Put %s into traffic again: %s".formatted(step.instance(), step.why()));
      case Hold hold ->
          record(
              service,
              ServiceReason.InstanceHeld,
              "%s %s; its successor comes at %s%s"
                  .formatted(step.instance(), step.why(), hold.until(), because(hold.of())));
      case Delete delete ->
          record(
              service,
              ServiceReason.InstanceDeleted,
              "Deleted %s: %s".formatted(step.instance(), step.why()));
    }
  }

  /**
   * What changed since the last report.
   *
   * @return after how long to look again whether there is something to tell; empty when all is told
   */
  Optional<Duration> tell(UnikernelService service, ServiceReport report, Instant now) {
    var old = service.getStatus();
    var status = report.status();
    var oldRevision = old == null ? null : old.revision();
    if (oldRevision != null && !Objects.equals(oldRevision, status.revision())) {
      record(
          service,
          ServiceReason.RolloutStarted,
          "Rolling out revision %s (%s) in place of %s"
              .formatted(status.revision(), status.image().digest(), oldRevision));
    }
    boolean changed = !reason(old).equals(reason(status));
    var outcome = report.outcome();
    LOG.atLevel(changed ? Level.INFO : Level.DEBUG)
        .addKeyValue("namespace", service.getMetadata().getNamespace())
        .addKeyValue("service", service.getMetadata().getName())
        .addKeyValue("reason", outcome.reason().name())
        .log(outcome.message());
    var wait = settling(service, outcome.reason(), changed, now);
    if (wait.filter(Duration::isZero).isPresent()) {
      announce(service, outcome, reason(old), status.revision());
    }
    return wait.filter(Duration::isPositive);
  }

  /** How long until this is to be told: zero for now, empty for never. */
  private Optional<Duration> settling(
      UnikernelService service, Reason reason, boolean changed, Instant now) {
    var uid = service.getMetadata().getUid();
    if (!PASSING.contains(reason)) {
      untold.remove(uid);
      return changed ? Optional.of(Duration.ZERO) : Optional.empty();
    }
    if (changed) {
      untold.values().removeIf(since -> since.plus(FORGOTTEN).isBefore(now));
      untold.put(uid, now);
    }
    var left =
        Optional.ofNullable(untold.get(uid))
            .map(since -> Duration.between(now, since.plus(LASTING)))
            .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
    left.filter(Duration::isZero).ifPresent(_ -> untold.remove(uid));
    return left;
  }

  private void announce(
      UnikernelService service, Outcome outcome, String oldReason, String revision) {
    var reason = outcome.reason();
    if (reason == ServiceReason.Serving && oldReason.equals(ServiceReason.RollingOut.name())) {
      record(
          service,
          ServiceReason.RolloutCompleted,
          "Revision %s has replaced what ran before".formatted(revision));
    } else if (reason instanceof ServiceReason ours) {
      record(service, ours, outcome.message());
    } else if (reason == Reason.Shared.DiskMissing) {
      record(service, reason, Events.Type.Warning, outcome.message());
    }
  }

  private void replaced(UnikernelService service, Create create, Instance failed) {
    record(
        service,
        ServiceReason.InstanceReplaced,
        "Created %s in place of %s%s".formatted(create.instance(), failed.name(), because(failed)));
  }

  private static String because(Instance instance) {
    return instance.cause() == null ? "" : " (" + instance.cause() + ")";
  }

  private static String reason(UnikernelServiceStatus status) {
    var conditions = status == null ? List.<Condition>of() : status.conditions();
    return ConditionSet.find(conditions, ConditionSet.READY).map(Condition::reason).orElse("");
  }

  private void record(UnikernelService service, Reason reason, Events.Type type, String message) {
    if (service.getMetadata().getDeletionTimestamp() == null) {
      events.record(service, type, reason, message);
    }
  }

  private void record(UnikernelService service, ServiceReason reason, String message) {
    record(service, reason, reason.eventType(), message);
  }
}
