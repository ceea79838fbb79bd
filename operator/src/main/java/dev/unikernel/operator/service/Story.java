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
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tells in Events and in the log what was done to a service, and why. */
@ApplicationScoped
class Story {
  private static final Logger LOG = LoggerFactory.getLogger(Story.class);

  private final Events events;

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

  /** What changed since the last report. */
  void tell(UnikernelService service, ServiceReport report) {
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
    if (changed && outcome.reason() instanceof ServiceReason reason) {
      boolean rolled =
          reason == ServiceReason.Serving && reason(old).equals(ServiceReason.RollingOut.name());
      record(
          service,
          rolled ? ServiceReason.RolloutCompleted : reason,
          rolled
              ? "Revision %s has replaced what ran before".formatted(status.revision())
              : outcome.message());
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

  private void record(UnikernelService service, ServiceReason reason, String message) {
    events.record(service, reason.eventType(), reason, message);
  }
}
