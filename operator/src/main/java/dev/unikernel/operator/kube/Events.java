package dev.unikernel.operator.kube;

import dev.unikernel.operator.status.Reason;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events for {@code kubectl describe}. The same one again counts up instead of piling up, and one
 * that cannot be written is logged and forgotten: no pass fails for it.
 */
@ApplicationScoped
public class Events {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final Duration QUIET = Duration.ofMinutes(1);
  private static final int MESSAGE_MAX = 1000;

  /** Whether an Event is good news or asks for a look. */
  public enum Type {
    Normal,
    Warning
  }

  private final KubernetesClient client;
  private final Clock clock;

  public Events(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Records what happened to {@code about}; the same within a minute is dropped. */
  public void record(HasMetadata about, Type type, Reason reason, String message) {
    var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    var event = event(about, type, reason, message, now);
    try {
      var meta = event.getMetadata();
      var events = client.v1().events().inNamespace(meta.getNamespace());
      var known = events.withName(meta.getName()).get();
      if (known == null) {
        events.resource(event).create();
      } else if (Instant.parse(known.getLastTimestamp()).plus(QUIET).isBefore(now)) {
        events.withName(meta.getName()).edit(before -> again(before, now));
      }
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("namespace", about.getMetadata().getNamespace())
          .addKeyValue("name", about.getMetadata().getName())
          .addKeyValue("reason", reason.name())
          .setCause(e)
          .log("Event not recorded");
    }
  }

  private static Event event(
      HasMetadata about, Type type, Reason reason, String message, Instant now) {
    var meta = about.getMetadata();
    var identity = String.join("\n", meta.getUid(), type.name(), reason.name(), message);
    var name =
        Owned.shortened(meta.getName(), 200) + "." + Digest.sha256(identity).substring(0, 16);
    return new EventBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(meta.getNamespace())
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
        .withMessage(message.length() > MESSAGE_MAX ? message.substring(0, MESSAGE_MAX) : message)
        .withFirstTimestamp(now.toString())
        .withLastTimestamp(now.toString())
        .withCount(1)
        .withNewSource()
        .withComponent(Owned.OPERATOR)
        .endSource()
        .withReportingComponent(Owned.OPERATOR)
        .build();
  }

  private static Event again(Event before, Instant now) {
    return new EventBuilder(before)
        .withLastTimestamp(now.toString())
        .withCount(before.getCount() == null ? 2 : before.getCount() + 1)
        .build();
  }
}
