package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reason;
import dev.unikernel.operator.testing.Patience;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Image and service are often applied, or deleted, in one file: that is no warning's matter. */
@EnableKubernetesMockClient(crud = true)
class StoryTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String SENTINEL = "written after everything else";

  KubernetesClient client;

  private final UnikernelService service = new UnikernelService();
  private Events events;
  private Story story;

  @BeforeEach
  void service() {
    service.getMetadata().setName("hello");
    service.getMetadata().setNamespace("demo");
    service.getMetadata().setUid("uid");
    service.getMetadata().setGeneration(1L);
    service.setSpec(
        new UnikernelServiceSpec(
            null, 1, null, World.guest("v1").ports(), null, null, null, null, null));
    events = new Events(client, Clock.fixed(START, ZoneOffset.UTC));
    story = new Story(events);
  }

  @Test
  void anImageThatIsMissingIsToldOnlyWhenItIsStillMissingAfterFiveSeconds() {
    assertThat(missing(0)).contains(Duration.ofSeconds(5));
    assertThat(missing(3)).contains(Duration.ofSeconds(2));
    assertThat(reasons()).doesNotContain("ImageMissing");

    assertThat(missing(5)).isEmpty();
    assertThat(missing(6)).isEmpty();
    assertThat(reasons()).containsOnlyOnce("ImageMissing");
  }

  @Test
  void anImageThatCameInTimeIsNeverToldMissing() {
    missing(0);
    tell(new Outcome.Stalled(Reason.Shared.DiskMissing, "It cannot be pulled."), 1);
    assertThat(missing(7)).contains(Duration.ofSeconds(5));
    assertThat(reasons()).contains("DiskMissing").doesNotContain("ImageMissing");
  }

  @Test
  void nothingIsToldOfAServiceThatIsBeingDeleted() {
    missing(0);
    service.getMetadata().setDeletionTimestamp(START.toString());
    missing(9);
    assertThat(reasons()).isEmpty();
  }

  private Optional<Duration> missing(int second) {
    return tell(new Outcome.Stalled(ServiceReason.ImageMissing, "There is none yet."), second);
  }

  private Optional<Duration> tell(Outcome outcome, int second) {
    var now = START.plusSeconds(second);
    var report = ServiceReport.of(service, outcome, now);
    var wait = story.tell(service, report, now);
    service.setStatus(report.status());
    return wait;
  }

  /** Of all Events that were recorded so far. */
  private List<String> reasons() {
    var sentinel = new UnikernelService();
    sentinel.getMetadata().setName("sentinel");
    sentinel.getMetadata().setNamespace("demo");
    sentinel.getMetadata().setUid(SENTINEL);
    events.record(sentinel, Events.Type.Normal, Reason.Shared.Retrying, SENTINEL);
    await()
        .atMost(Patience.LIMIT)
        .until(() -> all().stream().anyMatch(event -> event.getMessage().equals(SENTINEL)));
    return all().stream()
        .filter(event -> event.getInvolvedObject().getName().equals("hello"))
        .map(Event::getReason)
        .toList();
  }

  private List<Event> all() {
    return client.v1().events().inNamespace("demo").list().getItems();
  }
}
