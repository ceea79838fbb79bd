package dev.unikernel.operator.service;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus.InstanceStatus;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Dates what happens to instances by the operator's own clock, which all deadlines and delays are
 * counted by. Nodes and API servers write times too, but by clocks that may be minutes off: of
 * those only that one has changed is used. What happened before the operator started is dated by
 * the status, which the operator wrote itself, and else by what others wrote, but never later than
 * now.
 */
final class Sightings {

  /** Services that are remembered; one that is forgotten is as after a start. */
  private static final int SERVICES = 10_000;

  /**
   * What was seen of one instance.
   *
   * @param told as the back end gave it
   * @param dated the same by the operator's clock
   */
  private record Seen(Instance told, Instance dated) {}

  private final Map<String, Map<String, Seen>> services =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, Seen>> eldest) {
          return size() > SERVICES;
        }
      };

  /** The instances of a service, dated by the clock that shows {@code now}. */
  List<Instance> date(UnikernelService service, List<Instance> instances, Instant now) {
    var uid = service.getMetadata().getUid();
    Map<String, Seen> before;
    synchronized (services) {
      before = services.get(uid);
    }
    var dates = new Dates(service, before, now);
    var seen = new HashMap<String, Seen>();
    var dated =
        instances.stream()
            .map(
                told -> {
                  var one = dates.of(told);
                  seen.put(told.name(), new Seen(told, one));
                  return one;
                })
            .toList();
    synchronized (services) {
      services.put(uid, seen);
    }
    return dated;
  }

  /** One look at a service; {@code before} is null at the first after the start. */
  private record Dates(UnikernelService service, Map<String, Seen> before, Instant now) {

    Instance of(Instance told) {
      var last = before == null ? null : before.get(told.name());
      if (last != null && last.told().equals(told)) {
        return last.dated();
      }
      var attempt = attempt(told, last);
      var booted = booted(told, last);
      if (last != null && told.phase() == Phase.FAILED && last.told().phase() == Phase.FAILED) {
        var first = last.dated();
        return with(told, attempt, booted, first.since(), first.ending(), first.cause());
      }
      var since = since(told, last, attempt);
      var ending =
          told.phase() == Phase.FAILED
              ? new Ending(since, told.ending().crashed(), null)
              : told.ending();
      return with(told, attempt, booted, since, ending, told.cause());
    }

    /** A row of failures is dated by the operator; its first attempt by the backend. */
    private Attempt attempt(Instance told, Seen last) {
      if (told.attempt().restarts() > 0) {
        return told.attempt();
      }
      boolean same = last != null && last.told().attempt().equals(told.attempt());
      return same
          ? last.dated().attempt()
          : Attempt.first(before == null ? recovered(told.attempt().since(), null) : now);
    }

    private Instant booted(Instance told, Seen last) {
      if (told.bootedAt() == null) {
        return null;
      }
      boolean same = last != null && told.bootedAt().equals(last.told().bootedAt());
      return same
          ? last.dated().bootedAt()
          : before == null ? recovered(told.bootedAt(), status(told).bootedAt()) : now;
    }

    /** Draining and holding are the operator's own acts, and dated by it. */
    private Instant since(Instance told, Seen last, Attempt attempt) {
      return switch (told.phase()) {
        case DRAINING, HELD -> told.since();
        case STARTING -> attempt.since();
        case READY, NOT_READY, FAILED, TERMINATING -> {
          boolean same =
              last != null
                  && last.told().phase() == told.phase()
                  && Objects.equals(last.told().since(), told.since());
          yield same
              ? last.dated().since()
              : before == null ? recovered(told.since(), status(told).readyAt()) : now;
        }
      };
    }

    private Instant recovered(Instant theirs, String ours) {
      var since = ours == null ? theirs : Instant.parse(ours);
      return since.isAfter(now) ? now : since;
    }

    /** What the last report says of an instance that was ready then; all null if nothing. */
    private InstanceStatus status(Instance told) {
      var nothing = new InstanceStatus(null, null, null, null, null, null, null, null, null);
      var status = service.getStatus();
      return status == null
          ? nothing
          : requireNonNullElse(status.instances(), List.<InstanceStatus>of()).stream()
              .filter(one -> told.name().equals(one.name()))
              .filter(one -> told.phase() == Phase.READY && one.readyAt() != null)
              .findFirst()
              .orElse(nothing);
    }

    private static Instance with(
        Instance told,
        Attempt attempt,
        Instant bootedAt,
        Instant since,
        Ending ending,
        Cause cause) {
      return new Instance(
          told.name(),
          told.revision(),
          told.phase(),
          since,
          told.occupies(),
          told.serving(),
          told.guest(),
          attempt,
          ending,
          told.address(),
          told.location(),
          told.carrier(),
          bootedAt,
          cause);
    }
  }
}
