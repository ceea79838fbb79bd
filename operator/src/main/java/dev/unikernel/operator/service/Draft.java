package dev.unikernel.operator.service;

import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Readmit;
import dev.unikernel.operator.service.Plan.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A plan being written: its steps so far, which names and how much room are left, when to wake. */
final class Draft {
  private final Observation seen;
  private final Set<String> names = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();
  private Instant wakeAt;
  private int guests;

  Draft(Observation seen) {
    this.seen = seen;
    seen.instances().forEach(instance -> names.add(instance.name()));
    this.guests = (int) seen.instances().stream().filter(Instance::occupies).count();
  }

  Plan plan() {
    return new Plan(steps, Optional.ofNullable(wakeAt));
  }

  /** Whether one more guest may hold memory. */
  boolean room() {
    return guests < seen.desired() + seen.bounds().surge();
  }

  /** Whether a step changes this instance. */
  boolean concerns(Instance instance) {
    return steps.stream().anyMatch(step -> step.instance().equals(instance.name()));
  }

  /** Under the lowest number that is free. */
  void create(Guest guest, Attempt attempt, Optional<Instance> replaces, String why) {
    int ordinal = 0;
    String name;
    do {
      name = Launch.name(seen.service(), guest.revision(), ordinal++);
    } while (!names.add(name));
    steps.add(new Create(new Launch(name, guest, attempt), replaces, why));
    guests++;
  }

  /** Out of traffic first where it serves. */
  void remove(Instance instance, String why) {
    if (instance.phase() == Phase.READY) {
      drain(instance, why);
    } else {
      delete(instance, why);
    }
  }

  void drain(Instance instance, String why) {
    steps.add(new Drain(instance, why));
    wake(seen.now().plus(Rollout.DRAIN));
  }

  void readmit(Instance instance, String why) {
    steps.add(new Readmit(instance, why));
  }

  void hold(Instance instance, Instant until, String why) {
    steps.add(new Hold(instance, until, why));
  }

  void delete(Instance instance, String why) {
    steps.add(new Delete(instance, why));
  }

  /** Look again at that time at the latest. */
  void wake(Instant at) {
    if (wakeAt == null || at.isBefore(wakeAt)) {
      wakeAt = at;
    }
  }
}
