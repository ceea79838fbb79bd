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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A plan being written: its steps so far, which names and how much room are left, when to wake. */
final class Draft {
  private final Observation seen;
  private final Set<String> taken = new HashSet<>();
  private final Map<Guest, Names> names = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final Set<String> concerned = new HashSet<>();
  private Instant wakeAt;
  private long guests;

  Draft(Observation seen) {
    this.seen = seen;
    seen.instances().forEach(instance -> taken.add(instance.name()));
    this.guests = seen.instances().stream().filter(Instance::occupies).count();
  }

  Plan plan() {
    return new Plan(steps, Optional.ofNullable(wakeAt));
  }

  /** Whether one more guest may hold memory. */
  boolean room() {
    return guests < (long) seen.desired() + seen.bounds().surge();
  }

  /** Whether a step changes this instance. */
  boolean concerns(Instance instance) {
    return concerned.contains(instance.name());
  }

  /** Under the lowest number that is free. */
  void create(Guest guest, Attempt attempt, Optional<Instance> replaces, String why) {
    var name = names.computeIfAbsent(guest, Names::new).next();
    add(new Create(new Launch(name, guest, attempt), replaces, why));
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
    add(new Drain(instance, why));
    wake(seen.now().plus(Rollout.DRAIN));
  }

  void readmit(Instance instance, String why) {
    add(new Readmit(instance, why));
  }

  void hold(Instance instance, Instant until, String why) {
    add(new Hold(instance, until, why));
  }

  void delete(Instance instance, String why) {
    add(new Delete(instance, why));
  }

  private void add(Step step) {
    steps.add(step);
    concerned.add(step.instance());
  }

  /** Look again at that time at the latest. */
  void wake(Instant at) {
    if (wakeAt == null || at.isBefore(wakeAt)) {
      wakeAt = at;
    }
  }

  /** The names that are free for instances of one revision, from the lowest ordinal up. */
  private final class Names {
    private final String revision;
    private int ordinal;

    Names(Guest guest) {
      this.revision = guest.revision();
    }

    String next() {
      String name;
      do {
        name = Launch.name(seen.service(), revision, ordinal++);
      } while (!taken.add(name));
      return name;
    }
  }
}
