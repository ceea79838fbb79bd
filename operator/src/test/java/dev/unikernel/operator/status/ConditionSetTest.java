package dev.unikernel.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.unikernel.api.Condition;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionSetTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.7Z");
  private static final Instant LATER = NOON.plusSeconds(90);

  private enum Word implements Reason {
    Done,
    Working,
    Broken;

    @Override
    public String meaning() {
      return name();
    }
  }

  private static final Outcome STEADY = new Outcome.Steady(Word.Done, "done");
  private static final Outcome WAITING = new Outcome.Waiting(Word.Working, "working");
  private static final Outcome STALLED = new Outcome.Stalled(Word.Broken, "broken");
  private static final Outcome FAILED = new Outcome.Failed(new IllegalStateException("no answer"));

  @Test
  void eachOutcomeSaysReadyAndOnlyTheTruthBeside() {
    assertThat(conditions(STEADY)).containsExactly(tuple("Ready", "True", "Done", "done"));
    assertThat(conditions(WAITING))
        .containsExactly(
            tuple("Ready", "False", "Working", "working"),
            tuple("Reconciling", "True", "Working", "working"));
    assertThat(conditions(STALLED))
        .containsExactly(
            tuple("Ready", "False", "Broken", "broken"),
            tuple("Stalled", "True", "Broken", "broken"));
  }

  @Test
  void aFaultLeavesReadyAsItWas() {
    var ready = ConditionSet.of(STEADY, null, 3, NOON);

    var after = ConditionSet.of(FAILED, ready, 3, LATER);

    assertThat(after.getFirst()).isEqualTo(ready.getFirst());
    assertThat(after)
        .extracting(Condition::type, Condition::reason, Condition::message)
        .containsExactly(
            tuple("Ready", "Done", "done"), tuple("Reconciling", "Retrying", "no answer"));
  }

  @Test
  void aFaultBeforeANewSpecWasProcessedLeavesReadyUnknown() {
    var ready = ConditionSet.of(STEADY, null, 3, NOON);

    var after = ConditionSet.of(FAILED, ready, 4, LATER);

    assertThat(after.getFirst().status()).isEqualTo("Unknown");
    assertThat(after.getFirst().observedGeneration()).isEqualTo(4);
    assertThat(ConditionSet.ready(after, 4)).isFalse();
  }

  @Test
  void theTransitionTimeChangesOnlyWithTheStatus() {
    var first = ConditionSet.of(WAITING, null, 1, NOON);
    var second = ConditionSet.of(STALLED, first, 2, LATER);
    var third = ConditionSet.of(STEADY, second, 2, LATER);

    assertThat(times(first)).containsExactly("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z");
    assertThat(times(second)).containsExactly("2026-01-01T12:00:00Z", "2026-01-01T12:01:30Z");
    assertThat(times(third)).containsExactly("2026-01-01T12:01:30Z");
    assertThat(second).extracting(Condition::observedGeneration).containsOnly(2L);
  }

  @Test
  void theSameOutcomeTwiceChangesNothing() {
    for (var outcome : List.of(STEADY, WAITING, STALLED, FAILED)) {
      var first = ConditionSet.of(outcome, null, 1, NOON);
      assertThat(ConditionSet.of(outcome, first, 1, LATER)).isEqualTo(first);
    }
  }

  @Test
  void aFaultSpeaksInTheWordsOfTheApiServerAndNeverOfAnAddress() {
    var status = new StatusBuilder().withMessage("pods is forbidden").withCode(403).build();
    var refused = new KubernetesClientException("PATCH at https://10.0.0.1/x", 403, status);
    var silent =
        new KubernetesClientException(
            "Operation: [get] at https://10.0.0.1/x",
            new ConnectException("Connection refused: 10.0.0.1/10.0.0.1:443"));
    var reset = new IllegalStateException(new SocketException("10.0.0.1:443: reset"));

    assertThat(Outcome.Failed.of(new IllegalStateException("wrapped", refused)).message())
        .isEqualTo("The API server answered: pods is forbidden");
    assertThat(Outcome.Failed.of(new IllegalStateException("wrapped", silent)).message())
        .isEqualTo("The API server gave no answer (ConnectException).");
    assertThat(Outcome.Failed.of(reset).message())
        .isEqualTo("A connection failed (SocketException).");
  }

  @Test
  void aCrdThatIsTooOldIsToldAsSuch() {
    var message =
        "failed to create typed patch object (b/a; unikernel.dev/v1alpha1, Kind=UnikernelImage):"
            + " .status.surface: field not declared in schema";
    var status = new StatusBuilder().withMessage(message).withCode(500).build();

    assertThat(Outcome.Failed.of(new KubernetesClientException("PATCH", 500, status)).message())
        .startsWith("The installed CRD does not know the field status.surface,")
        .contains("apply the CRDs of the operator's version");
  }

  private static List<org.assertj.core.groups.Tuple> conditions(Outcome outcome) {
    return ConditionSet.of(outcome, null, 1, NOON).stream()
        .map(c -> tuple(c.type(), c.status(), c.reason(), c.message()))
        .toList();
  }

  private static List<String> times(List<Condition> conditions) {
    return conditions.stream().map(Condition::lastTransitionTime).toList();
  }
}
