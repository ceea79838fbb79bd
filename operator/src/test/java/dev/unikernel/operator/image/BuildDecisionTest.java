package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.operator.image.BuildDecision.Build;
import dev.unikernel.operator.image.BuildDecision.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BuildDecisionTest {
  private static final Instant ENDED = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant LONG_AFTER = ENDED.plus(Duration.ofDays(9));
  private static final Attempt.State UNDERWAY =
      new Attempt.Underway(ImageReason.Building, "builds");

  @Test
  void inputsThatWereNeverBuiltAreBuilt() {
    assertThat(decide(null, "settings", ENDED))
        .isEqualTo(new Build("these inputs were never built", 1));
  }

  @Test
  void inputsThatArePublishedAreNeverBuiltAgainThoughOthersChanged() {
    var history = List.of(past("other"), past("inputs"));
    for (var newest : List.of(UNDERWAY, failed(Retry.SOON))) {
      assertThat(
              BuildDecision.of(
                  new Situation("inputs", "new", history, attempt(newest, 1), null, LONG_AFTER)))
          .isInstanceOf(BuildDecision.Keep.class);
    }
  }

  @Test
  void aJobAtWorkIsLeftAloneUnlessTheWayToBuildChanged() {
    assertThat(decide(UNDERWAY, "settings", LONG_AFTER)).isInstanceOf(BuildDecision.Keep.class);
    assertThat(decide(UNDERWAY, "new", ENDED))
        .isEqualTo(new Build("the way to build has changed", 2));
  }

  @Test
  void aFailureOfTheInputsWaitsForAChange() {
    assertThat(decide(failed(Retry.NEVER), "settings", LONG_AFTER))
        .isInstanceOf(BuildDecision.Keep.class);
    assertThat(decide(failed(Retry.NEVER), "new", ENDED)).isInstanceOf(Build.class);
  }

  @Test
  void aFailureOfTheWorldIsTriedAgainAfterAWhile() {
    assertThat(decide(failed(Retry.SOON), "settings", ENDED.plusSeconds(29)))
        .isInstanceOf(BuildDecision.Keep.class);
    assertThat(decide(failed(Retry.SOON), "settings", ENDED.plusSeconds(30)))
        .isEqualTo(new Build("the wait after the failure is over", 2));
  }

  @Test
  void whatAJobHasJustPublishedIsNotBuiltAgain() {
    assertThat(decide(new Attempt.Done(Images.report("a")), "new", LONG_AFTER))
        .isInstanceOf(BuildDecision.Keep.class);
  }

  @Test
  void theWaitGrowsAndStopsGrowing() {
    assertThat(Retry.SOON.delay(1)).contains(Duration.ofSeconds(30));
    assertThat(Retry.SOON.delay(3)).contains(Duration.ofMinutes(2));
    assertThat(Retry.SOON.delay(1_000_000)).contains(Duration.ofMinutes(10));
    assertThat(Retry.NEVER.delay(1)).isEmpty();
  }

  @Test
  void settingsThatWereRemovedFromTheJobCountAsChanged() {
    var newest = new Attempt("job", "inputs", 1, null, null, null, 1, UNDERWAY, List.of());
    assertThat(
            BuildDecision.of(
                new Situation("inputs", "new", List.of(), Optional.of(newest), null, LONG_AFTER)))
        .isEqualTo(new Build("the way to build has changed", 2));
  }

  private static BuildDecision decide(Attempt.State newest, String settings, Instant now) {
    return BuildDecision.of(
        new Situation("inputs", settings, List.of(past("other")), attempt(newest, 1), null, now));
  }

  private static Optional<Attempt> attempt(Attempt.State state, int number) {
    return Optional.ofNullable(state)
        .map(s -> new Attempt("job", "inputs", number, "settings", null, ENDED, 1, s, List.of()));
  }

  private static Attempt.State failed(Retry retry) {
    return new Attempt.Failed(new Failure(ImageReason.BuilderCrashed, "failed", retry));
  }

  private static PastBuild past(String inputs) {
    return new PastBuild(inputs, null, null, null, null);
  }
}
