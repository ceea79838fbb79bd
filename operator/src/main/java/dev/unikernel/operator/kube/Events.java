package dev.unikernel.operator.kube;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.operator.status.Reason;
import dev.unikernel.operator.status.Refusal;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events for {@code kubectl describe}, as client-go's EventBroadcaster writes them: {@link #record}
 * only puts into a bounded queue, and one thread writes. The same Event again counts up, once a
 * minute on the API server; many that differ in their message alone become one. An Event that
 * cannot be written is logged and forgotten: nothing fails or waits for it.
 */
@ApplicationScoped
public class Events {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final Duration QUIET = Duration.ofMinutes(1);
  private static final int MESSAGE_MAX = 1000;

  /** Events that wait to be written. */
  static final int QUEUE = 1000;

  /** Events whose counts are remembered. */
  private static final int REMEMBERED = 4096;

  /** Different messages of one reason about one object, within this time, before they are one. */
  private static final int SIMILAR = 10;

  private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);

  /** Whether an Event is good news or asks for a look. */
  public enum Type {
    Normal,
    Warning
  }

  private static final class Written {
    private int count;
    private Instant at;

    Written(int count, Instant at) {
      this.count = count;
      this.at = at;
    }
  }

  private record Similar(int count, Instant since) {}

  private final KubernetesClient client;
  private final Clock clock;
  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicBoolean writing = new AtomicBoolean();
  private final AtomicLong dropped = new AtomicLong();

  /** Whether the last one could not be written: only the first of many is logged. */
  private boolean failing;

  private final Map<String, Written> written = leastRecentlyUsed();
  private final Map<String, Similar> similar = leastRecentlyUsed();

  public Events(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Records what happened to {@code about}; returns at once. */
  public void record(HasMetadata about, Type type, Reason reason, String message) {
    var event = event(about, type, reason, requireNonNullElse(message, ""), now());
    if (!queue.offer(event) && dropped.getAndIncrement() == 0) {
      LOG.warn("The API server takes Events too slowly; some are dropped");
    }
    write();
  }

  /** How many have been dropped since the queue was last empty. */
  long dropped() {
    return dropped.get();
  }

  private void write() {
    if (writing.compareAndSet(false, true)) {
      Thread.ofVirtual().name("events").start(this::drain);
    }
  }

  private void drain() {
    for (var event = queue.poll(); event != null; event = queue.poll()) {
      try {
        write(event);
        failing = false;
      } catch (RuntimeException e) {
        forget(event, e);
      }
    }
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      LOG.atWarn().addKeyValue("events", lost).log("Events were dropped");
    }
    writing.set(false);
    if (!queue.isEmpty()) {
      write();
    }
  }

  private void write(Event recorded) {
    var event = combined(recorded);
    var name = event.getMetadata().getName();
    var known = written.get(name);
    if (known == null) {
      create(event);
    } else {
      known.count++;
      countUp(event, known);
    }
  }

  private void create(Event event) {
    var resource = resource(event);
    try {
      client.v1().events().inNamespace(event.getMetadata().getNamespace()).resource(event).create();
      written.put(event.getMetadata().getName(), new Written(1, time(event)));
    } catch (KubernetesClientException refused) {
      if (Refusal.of(refused) != Refusal.STALE) {
        throw refused;
      }
      var before = resource.get();
      if (before != null) {
        var known = new Written(requireNonNullElse(before.getCount(), 1) + 1, time(before));
        written.put(event.getMetadata().getName(), known);
        countUp(event, known);
      }
    }
  }

  private void countUp(Event event, Written known) {
    if (known.at.plus(QUIET).isAfter(time(event))) {
      return;
    }
    var change =
        new EventBuilder()
            .withCount(known.count)
            .withLastTimestamp(event.getLastTimestamp())
            .withMessage(event.getMessage())
            .build();
    try {
      resource(event)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              client.getKubernetesSerialization().asJson(change));
      known.at = time(event);
    } catch (KubernetesClientException refused) {
      if (Refusal.of(refused) != Refusal.GONE) {
        throw refused;
      }
      written.remove(event.getMetadata().getName());
      create(event);
    }
  }

  private Resource<Event> resource(Event event) {
    var meta = event.getMetadata();
    return client.v1().events().inNamespace(meta.getNamespace()).withName(meta.getName());
  }

  /** The Event itself, or the one that stands for all of its reason once there were many. */
  private Event combined(Event event) {
    var about = event.getInvolvedObject();
    var key = String.join("\n", text(about.getUid()), event.getType(), event.getReason());
    var name = event.getMetadata().getName();
    var before = similar.get(key);
    if (before == null || before.since().plus(SIMILAR_WITHIN).isBefore(time(event))) {
      before = new Similar(0, time(event));
    }
    var now = written.containsKey(name) ? before : new Similar(before.count() + 1, before.since());
    similar.put(key, now);
    return now.count() <= SIMILAR || written.containsKey(name)
        ? event
        : new EventBuilder(event)
            .editMetadata()
            .withName(name(text(about.getName()), key))
            .endMetadata()
            .withMessage(shortened("(combined from similar events): " + event.getMessage()))
            .build();
  }

  private void forget(Event event, RuntimeException fault) {
    var refusal = Refusal.of(fault);
    boolean gone = refusal == Refusal.GONE || refusal == Refusal.FORBIDDEN;
    var line = gone || failing ? LOG.atDebug() : LOG.atWarn();
    failing |= !gone;
    line.addKeyValue("namespace", event.getMetadata().getNamespace())
        .addKeyValue("name", event.getInvolvedObject().getName())
        .addKeyValue("reason", event.getReason())
        .addKeyValue("fault", fault.getClass().getSimpleName())
        .addKeyValue("refusal", refusal)
        .log("Event not recorded");
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** When it was last seen; an Event of another program may not say. */
  private static Instant time(Event event) {
    return event.getLastTimestamp() == null
        ? Instant.EPOCH
        : Instant.parse(event.getLastTimestamp());
  }

  private static Event event(
      HasMetadata about, Type type, Reason reason, String message, Instant now) {
    var meta = about.getMetadata();
    var identity = String.join("\n", text(meta.getUid()), type.name(), reason.name(), message);
    return new EventBuilder()
        .withNewMetadata()
        .withName(name(text(meta.getName()), identity))
        .withNamespace(requireNonNullElse(meta.getNamespace(), "default"))
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(about.getApiVersion())
        .withKind(about.getKind())
        .withNamespace(meta.getNamespace())
        .withName(meta.getName())
        .withUid(meta.getUid())
        .endInvolvedObject()
        .withType(type.name())
        .withReason(reason.name())
        .withMessage(shortened(message))
        .withFirstTimestamp(now.toString())
        .withLastTimestamp(now.toString())
        .withCount(1)
        .withNewSource()
        .withComponent(Owned.OPERATOR)
        .endSource()
        .withReportingComponent(Owned.OPERATOR)
        .build();
  }

  private static String name(String about, String identity) {
    return Owned.shortened(about, 200) + "." + Digest.sha256(identity).substring(0, 16);
  }

  private static String shortened(String message) {
    return message.length() > MESSAGE_MAX ? message.substring(0, MESSAGE_MAX) : message;
  }

  private static String text(String value) {
    return requireNonNullElse(value, "");
  }

  private static <V> Map<String, V> leastRecentlyUsed() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }
}
