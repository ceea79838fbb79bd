package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reason;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is to be said of a service, from what was seen of it: pure. */
final class Verdict {
  private Verdict() {}

  /** Instances whose obstacles are told one by one. */
  private static final int NAMED = 3;

  /** The verdict on what was seen. */
  static Outcome of(UnikernelService service, Target target, Fleet fleet) {
    var seen = fleet.seen();
    return switch (target) {
      case Target.Known _ -> of(fleet, seen);
      case Target.Open(Outcome why) when gone(service, why, seen) -> gone(service, of(fleet, seen));
      case Target.Open(Outcome why) -> seen.instances().isEmpty() ? why : beside(fleet, why);
    };
  }

  /** Nothing is known to roll out, and that is not what the user asked for: but this much runs. */
  private static Outcome beside(Fleet fleet, Outcome why) {
    var message = count(fleet) + " " + why.message();
    return why instanceof Outcome.Stalled
        ? new Outcome.Stalled(why.reason(), message)
        : new Outcome.Waiting(why.reason(), message);
  }

  /**
   * Whether all that runs is what this spec asks for, from an image that is there no more. A spec
   * that names an image for the first time still waits for it.
   */
  private static boolean gone(UnikernelService service, Outcome why, Observation seen) {
    var staying = seen.instances().stream().filter(one -> !one.leaving()).toList();
    return why.reason() == ServiceReason.ImageMissing
        && wasThere(service)
        && !staying.isEmpty()
        && staying.stream()
            .map(one -> new Running(Optional.ofNullable(one.guest()), one.revision()))
            .distinct()
            .allMatch(one -> current(service, one));
  }

  private record Running(Optional<Guest> guest, String revision) {}

  private static boolean current(UnikernelService service, Running running) {
    return running
        .guest()
        .flatMap(guest -> Target.again(service, guest))
        .filter(guest -> guest.revision().equals(running.revision()))
        .isPresent();
  }

  private static boolean wasThere(UnikernelService service) {
    var old = service.getStatus() == null ? null : service.getStatus().conditions();
    return ConditionSet.find(old, ConditionSet.READY)
        .filter(
            ready ->
                Objects.equals(ready.observedGeneration(), service.getMetadata().getGeneration())
                    ? !ready.reason().equals(ServiceReason.ImageMissing.name())
                    : ready.reason().equals(ServiceReason.ImageGone.name()))
        .isPresent();
  }

  private static Outcome gone(UnikernelService service, Outcome running) {
    var message =
        "%s UnikernelImage %s was deleted. Running instances are kept, replaced when they fail and scaled; no new revision can be rolled out until it exists again."
            .formatted(running.message(), service.getSpec().image().name());
    return switch (running) {
      case Outcome.Steady _ -> new Outcome.Steady(ServiceReason.ImageGone, message);
      case Outcome.Stalled stalled -> new Outcome.Stalled(stalled.reason(), message);
      default -> new Outcome.Waiting(ServiceReason.ImageGone, message);
    };
  }

  private static Outcome of(Fleet fleet, Observation seen) {
    if (waitsForResume(seen)) {
      return new Outcome.Waiting(
          ServiceReason.Paused,
          "%s Revision %s waits until spec.rollout.paused is false."
              .formatted(count(fleet), seen.target().revision()));
    }
    if (fleet.overdue()) {
      return new Outcome.Stalled(
          trouble(fleet).orElse(ServiceReason.ProgressDeadlineExceeded),
          sentences(
              count(fleet),
              rollout(fleet),
              "No progress for %d s.".formatted(seen.deadline().toSeconds()),
              evidence(fleet),
              evidence(fleet.leaving(), fleet::failures)));
    }
    boolean missing = fleet.available(fleet.current()) < seen.desired();
    if (missing && trouble(fleet).isPresent()) {
      return new Outcome.Waiting(
          trouble(fleet).get(), sentences(count(fleet), rollout(fleet), evidence(fleet)));
    }
    if (!rollout(fleet).isEmpty()) {
      return new Outcome.Waiting(
          ServiceReason.RollingOut, sentences(count(fleet), rollout(fleet), evidence(fleet)));
    }
    if (missing) {
      return new Outcome.Waiting(shortage(fleet), sentences(count(fleet), evidence(fleet)));
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

  /** Why fewer are available than wanted, where nothing fails again and again. */
  private static ServiceReason shortage(Fleet fleet) {
    var missing = fleet.current().stream().filter(one -> !fleet.available(one)).toList();
    if (missing.stream().anyMatch(one -> fleet.failures(one) > 0)) {
      return ServiceReason.Replacing;
    }
    return missing.stream().anyMatch(one -> one.phase() == Phase.NOT_READY)
        ? ServiceReason.NotReady
        : ServiceReason.Starting;
  }

  /** How far a rollout is; empty while there is none. */
  private static String rollout(Fleet fleet) {
    if (!fleet.seen().rolling()) {
      return "";
    }
    var revision = fleet.seen().target().revision();
    var old =
        fleet.seen().instances().stream()
            .filter(one -> one.phase() != Phase.TERMINATING && !one.revision().equals(revision))
            .toList();
    if (old.isEmpty()) {
      return "";
    }
    long serving = old.stream().filter(fleet::available).count();
    return fleet.halted()
        ? "The rollout to revision %s has halted; %d of the older revision %s serve on."
            .formatted(revision, serving, fleet.old().getFirst().revision())
        : "%d of %d are of the new revision %s, %d of an older one."
            .formatted(
                fleet.available(fleet.current()), fleet.seen().desired(), revision, old.size());
  }

  private static String sentences(String... sentences) {
    return Stream.of(sentences)
        .filter(sentence -> !sentence.isEmpty())
        .collect(Collectors.joining(" "));
  }

  /** Paused, and what runs is not what would run. */
  private static boolean waitsForResume(Observation seen) {
    var staying = seen.instances().stream().filter(one -> !one.leaving()).toList();
    return seen.paused()
        && seen.target() != null
        && !staying.isEmpty()
        && staying.stream().noneMatch(one -> one.revision().equals(seen.target().revision()));
  }

  /** All that are available, of any revision, as the status counts them. */
  private static String count(Fleet fleet) {
    return "%d of %d instances are available."
        .formatted(fleet.available(fleet.seen().instances()), fleet.seen().desired());
  }

  /** What goes wrong again and again; one death among long lives is none. */
  private static Optional<Reason> trouble(Fleet fleet) {
    if (fleet.current().stream().anyMatch(Verdict::diskMissing)) {
      return Optional.of(Reason.Shared.DiskMissing);
    }
    var failed =
        fleet.current().stream()
            .filter(one -> !fleet.available(one) && fleet.failures(one) > 0)
            .toList();
    if (failed.stream().anyMatch(Instance::refused)) {
      return Optional.of(ServiceReason.InstanceRefused);
    }
    return failed.stream().anyMatch(one -> fleet.failures(one) > 1)
        ? Optional.of(ServiceReason.CrashLoop)
        : Optional.empty();
  }

  private static boolean diskMissing(Instance instance) {
    return instance.cause() != null && instance.cause().reason().equals(Cause.DISK_MISSING);
  }

  /** What holds up the instances that are not available: the first few, and how many more. */
  private static String evidence(Fleet fleet) {
    return evidence(
        fleet.current().stream().filter(one -> !fleet.available(one)).toList(), fleet::failures);
  }

  private static String evidence(List<Instance> instances, ToIntFunction<Instance> failures) {
    var named =
        instances.stream()
            .limit(NAMED)
            .map(one -> evidence(one, failures.applyAsInt(one)))
            .collect(Collectors.joining(" "));
    return instances.size() <= NAMED
        ? named
        : "%s And %d more.".formatted(named, instances.size() - NAMED);
  }

  private static String evidence(Instance instance, int failures) {
    var text = new StringBuilder(instance.name()).append(" is ").append(instance.phase().word());
    if (instance.cause() != null) {
      text.append(" (").append(instance.cause()).append(')');
    }
    if (failures > 0) {
      text.append(", after ").append(failures).append(failures == 1 ? " failure" : " failures");
      if (!instance.over() && instance.attempt().last() != null) {
        text.append(", the last: ").append(instance.attempt().last());
      }
    }
    if (instance.phase() == Phase.HELD) {
      text.append("; next try at ")
          .append(instance.ending().retryAt().truncatedTo(ChronoUnit.SECONDS));
    }
    return text.append('.').toString();
  }
}
