package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus;
import dev.unikernel.api.UnikernelServiceStatus.InstanceStatus;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The clocks of nodes may be minutes off; only the operator's own counts. */
class SightingsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private final UnikernelService service = new UnikernelService();
  private final Sightings sightings = new Sightings();

  /** Also at a start, where all that is known is what others wrote. */
  @Property
  void nothingHappenedInTheFuture(@ForAll @IntRange(min = -9_000, max = 9_000) int off) {
    var theirs = NOW.plusSeconds(off);
    var dated = date(ready(theirs), NOW);
    assertThat(dated.since()).isBeforeOrEqualTo(NOW);
    assertThat(dated.bootedAt()).isBeforeOrEqualTo(NOW);
    assertThat(dated.attempt().since()).isBeforeOrEqualTo(NOW);
  }

  @Test
  void afterARestartTheStatusSaysSinceWhenItHasBeenReady() {
    service.setStatus(status("2026-01-01T11:30:00Z"));
    var fast = ready(NOW.plus(Duration.ofMinutes(3)));
    assertThat(date(fast, NOW).since()).isEqualTo("2026-01-01T11:30:00Z");
  }

  @Property
  void whatChangesIsDatedByTheOperatorsClock(@ForAll @IntRange(min = -9_000, max = 9_000) int off) {
    date(starting(NOW.plusSeconds(off)), NOW);
    var later = NOW.plusSeconds(7);
    var ready = date(ready(NOW.plusSeconds(off + 1)), later);
    assertThat(ready.since()).isEqualTo(later);
    assertThat(date(ready(NOW.plusSeconds(off + 1)), later.plusSeconds(60)).since())
        .isEqualTo(later);
  }

  private Instance date(Instance told, Instant now) {
    service.getMetadata().setUid("uid");
    return sightings.date(service, List.of(told), now).getFirst();
  }

  private static Instance ready(Instant at) {
    return instance(Phase.READY, at, at.minusSeconds(1));
  }

  private static Instance starting(Instant at) {
    return instance(Phase.STARTING, at, null);
  }

  private static Instance instance(Phase phase, Instant at, Instant bootedAt) {
    return new Instance(
        "hello-x-0",
        "x",
        phase,
        at,
        true,
        true,
        World.guest("v1"),
        Attempt.first(at),
        null,
        null,
        null,
        null,
        bootedAt,
        null);
  }

  private static UnikernelServiceStatus status(String readyAt) {
    var instance =
        new InstanceStatus("hello-x-0", "x", "Ready", null, null, null, readyAt, 0, null);
    return new UnikernelServiceStatus(
        1L, 1, 1, 1, 1, null, List.of(), "x", null, null, List.of(instance), List.of(), null);
  }
}
