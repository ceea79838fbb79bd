package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is to be said of a service, from what was seen of it: pure. */
final class Verdict {
  private Verdict() {}

  /** The verdict on what was seen. */
  static Outcome of(UnikernelService service, Target target, Observation seen) {
    var fleet = Fleet.of(seen);
    return switch (target) {
      case Target.Known _ -> of(fleet, seen);
      case Target.Open(Outcome why) when gone(service, why, seen) -> gone(of(fleet, seen), why);
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
        && staying.stream().allMatch(one -> current(service, one));
  }

  private static boolean current(UnikernelService service, Instance instance) {
    return Optional.ofNullable(instance.guest())
        .flatMap(guest -> Target.again(service, guest))
        .filter(guest -> guest.revision().equals(instance.revision()))
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

  private static Outcome gone(Outcome running, Outcome why) {
    var message =
        "%s %s What runs stays, and is healed and scaled; nothing new can be rolled out."
            .formatted(running.message(), why.message());
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
          "%s No progress for %d s. %s"
              .formatted(
                  count(fleet),
                  seen.deadline().toSeconds(),
                  (evidence(fleet) + " " + evidence(fleet.leaving().stream())).strip()));
    }
    boolean missing = fleet.available(fleet.current()) < seen.desired();
    if (missing && trouble(fleet).isPresent()) {
      return new Outcome.Waiting(trouble(fleet).get(), count(fleet) + " " + evidence(fleet));
    }
    long old = seen.instances().stream().filter(one -> outdated(one, seen)).count();
    if (old > 0) {
      return new Outcome.Waiting(
          ServiceReason.RollingOut,
          "%s %d of an older revision. %s".formatted(count(fleet), old, evidence(fleet)).strip());
    }
    if (missing) {
      boolean replacing = fleet.current().stream().anyMatch(one -> one.failures() > 0);
      return new Outcome.Waiting(
          replacing ? ServiceReason.Replacing : ServiceReason.Starting,
          (count(fleet) + " " + evidence(fleet)).strip());
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
    var staying = seen.instances().stream().filter(one -> !one.leaving()).toList();
    return seen.paused()
        && seen.target() != null
        && !staying.isEmpty()
        && staying.stream().noneMatch(one -> one.revision().equals(seen.target().revision()));
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

  /** What goes wrong again and again; one death among long lives is none. */
  private static Optional<ServiceReason> trouble(Fleet fleet) {
    var failed =
        fleet.current().stream()
            .filter(one -> !fleet.available(one) && one.failures() > 0)
            .toList();
    if (failed.stream().anyMatch(Instance::refused)) {
      return Optional.of(ServiceReason.InstanceRefused);
    }
    return failed.stream().anyMatch(one -> one.failures() > 1)
        ? Optional.of(ServiceReason.CrashLoop)
        : Optional.empty();
  }

  /** What holds up the instances that are not available. */
  private static String evidence(Fleet fleet) {
    return evidence(fleet.current().stream().filter(one -> !fleet.available(one)));
  }

  private static String evidence(Stream<Instance> instances) {
    return instances.limit(3).map(Verdict::evidence).collect(Collectors.joining(" "));
  }

  private static String evidence(Instance instance) {
    var text = new StringBuilder(instance.name()).append(" is ").append(instance.phase().word());
    if (instance.cause() != null) {
      text.append(" (").append(instance.cause()).append(')');
    }
    if (instance.attempt().restarts() > 0) {
      text.append(", after ").append(instance.attempt().restarts()).append(" failures");
      if (instance.attempt().last() != null) {
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
