package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelServiceSpec.Port;
import dev.unikernel.api.UnikernelServiceSpec.Protocol;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Readmit;
import dev.unikernel.operator.service.Plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** A back end in virtual time: guests boot, crash, get lost and die slowly, as told. */
final class World {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** How long a guest takes to get ready; negative: it crashes that many seconds after boot. */
  ToIntFunction<Launch> boot = launch -> 10;

  /** How long a deleted guest lingers. */
  ToIntFunction<String> linger = name -> 8;

  /** Whether the cluster refuses every further instance. */
  boolean refusing;

  final Map<String, Instance> instances = new TreeMap<>();
  private final Map<String, Instant> readyAt = new TreeMap<>();
  private final Map<String, Instant> crashAt = new TreeMap<>();
  private final Map<String, Instant> goneAt = new TreeMap<>();
  Instant now = START;

  static Guest guest(String version) {
    return new Guest(
        "registry.example/hello@sha256:" + version,
        "nanos",
        1,
        256,
        List.of(new Port("http", null, 8080, Protocol.TCP)),
        null,
        null,
        null);
  }

  void tick() {
    now = now.plusSeconds(1);
    for (var name : List.copyOf(instances.keySet())) {
      var instance = instances.get(name);
      if (due(goneAt, name)) {
        forget(name);
      } else if (instance.occupies() && !instance.leaving() && due(crashAt, name)) {
        crash(name);
      } else if (awake(instance) && due(readyAt, name)) {
        readyAt.remove(name);
        instances.put(name, in(instance, Phase.READY));
      }
    }
  }

  private static boolean awake(Instance instance) {
    return instance.phase() == Phase.STARTING || instance.phase() == Phase.NOT_READY;
  }

  private boolean due(Map<String, Instant> at, String name) {
    return at.containsKey(name) && !now.isBefore(at.get(name));
  }

  private void forget(String name) {
    instances.remove(name);
    readyAt.remove(name);
    crashAt.remove(name);
    goneAt.remove(name);
  }

  /** The guest ends by itself. */
  void crash(String name) {
    var dead = in(instances.get(name), Phase.FAILED);
    instances.put(name, with(dead, false, new Ending(now, true, null)));
  }

  /** The instance is deleted, but not by the operator. */
  void lose(String name) {
    var instance = instances.get(name);
    if (instance.phase() != Phase.TERMINATING) {
      instances.put(name, with(in(instance, Phase.TERMINATING), instance.occupies(), null));
      goneAt.put(name, now.plusSeconds(instance.occupies() ? linger.applyAsInt(name) : 1));
    }
  }

  /** A ready instance stops answering for a while. */
  void blink(String name, int seconds) {
    if (instances.get(name).phase() == Phase.READY) {
      instances.put(name, in(instances.get(name), Phase.NOT_READY));
      readyAt.put(name, now.plusSeconds(seconds));
    }
  }

  /** The label by which traffic finds an instance is removed, but not by the operator. */
  void takeOut(String name) {
    if (instances.get(name).phase() == Phase.READY) {
      instances.put(name, serving(instances.get(name), false));
    }
  }

  private Instance serving(Instance old, boolean serving) {
    return new Instance(
        old.name(),
        old.revision(),
        serving ? Phase.READY : Phase.NOT_READY,
        now,
        old.occupies(),
        serving,
        old.guest(),
        old.attempt(),
        old.ending(),
        old.address(),
        old.location(),
        old.carrier(),
        old.bootedAt(),
        old.cause());
  }

  void apply(List<Step> steps) {
    steps.forEach(this::apply);
  }

  private void apply(Step step) {
    var instance = instances.get(step.instance());
    switch (step) {
      case Create create when instance == null && !refusing -> start(create.launch());
      case Create refused -> {}
      case Drain drain when instance != null && instance.phase() != Phase.TERMINATING ->
          instances.put(step.instance(), in(instance, Phase.DRAINING));
      case Hold hold when instance != null && instance.phase() == Phase.FAILED ->
          instances.put(
              step.instance(),
              with(
                  in(instance, Phase.HELD),
                  false,
                  new Ending(instance.ending().at(), true, hold.until())));
      case Delete delete when instance != null -> lose(step.instance());
      case Readmit readmit when instance != null ->
          instances.put(step.instance(), serving(instance, true));
      case Drain late -> {}
      case Readmit late -> {}
      case Hold late -> {}
      case Delete late -> {}
    }
  }

  private void start(Launch launch) {
    int takes = boot.applyAsInt(launch);
    var name = launch.name();
    instances.put(name, born(launch.name(), launch.guest(), launch.attempt(), now));
    if (takes < 0) {
      crashAt.put(name, now.plusSeconds(-takes));
    } else {
      readyAt.put(name, now.plusSeconds(takes));
    }
  }

  static Instance born(String name, Guest guest, Attempt attempt, Instant now) {
    return new Instance(
        name,
        guest.revision(),
        Phase.STARTING,
        now,
        true,
        true,
        guest,
        attempt,
        null,
        null,
        null,
        null,
        now,
        new Cause("Booting", null));
  }

  private Instance in(Instance old, Phase phase) {
    return in(old, phase, now);
  }

  static Instance in(Instance old, Phase phase, Instant since) {
    return new Instance(
        old.name(),
        old.revision(),
        phase,
        since,
        old.occupies(),
        phase != Phase.DRAINING,
        old.guest(),
        old.attempt(),
        old.ending(),
        old.address(),
        old.location(),
        old.carrier(),
        old.bootedAt(),
        old.cause());
  }

  static Instance with(Instance old, boolean occupies, Ending ending) {
    return new Instance(
        old.name(),
        old.revision(),
        old.phase(),
        old.since(),
        occupies,
        old.serving(),
        old.guest(),
        old.attempt(),
        ending,
        old.address(),
        old.location(),
        old.carrier(),
        old.bootedAt(),
        old.cause());
  }

  long guests() {
    return instances.values().stream().filter(Instance::occupies).count();
  }

  long available(Duration minReady) {
    return instances.values().stream().filter(one -> one.available(now, minReady)).count();
  }

  /**
   * As told by a cluster whose clocks are that far ahead; what the operator dated itself is not.
   */
  List<Instance> snapshot(Duration skew) {
    return instances.values().stream().map(one -> told(one, skew)).toList();
  }

  private static Instance told(Instance one, Duration skew) {
    boolean own = one.phase() == Phase.DRAINING || one.phase() == Phase.HELD;
    var attempt =
        one.attempt().restarts() > 0
            ? one.attempt()
            : Attempt.first(one.attempt().since().plus(skew));
    var ending =
        own || one.ending() == null
            ? one.ending()
            : new Ending(one.ending().at().plus(skew), one.ending().crashed(), null);
    return new Instance(
        one.name(),
        one.revision(),
        one.phase(),
        own ? one.since() : one.since().plus(skew),
        one.occupies(),
        one.serving(),
        one.guest(),
        attempt,
        ending,
        one.address(),
        one.location(),
        one.carrier(),
        one.bootedAt() == null ? null : one.bootedAt().plus(skew),
        one.cause());
  }

  List<Instance> snapshot() {
    return new ArrayList<>(instances.values());
  }
}
