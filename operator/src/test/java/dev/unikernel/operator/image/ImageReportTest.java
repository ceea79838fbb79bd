package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelImageStatus.SourceImage;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageReportTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final UnikernelImage IMAGE = image("{}");
  private static final String DIGEST = inputs(IMAGE).digest();
  private static final String A = "a".repeat(64);

  @Test
  void whatWasPublishedIsTheArtifactAndTheHistory() {
    var report = report(null, done(null));
    assertThat(report.outcome())
        .isEqualTo(
            new Outcome.Steady(
                ImageReason.Published, "Published registry.example/hello@sha256:" + A + "."));
    var status = report.status();
    assertThat(status.artifact().digest()).isEqualTo("sha256:" + A);
    assertThat(status.surface().sourceShells()).isEqualTo(3);
    assertThat(status.source()).isNull();
    assertThat(status.history())
        .containsExactly(
            new PastBuild(DIGEST, status.artifact(), status.surface(), null, NOW.toString()));
    assertThat(status.build().job()).isEqualTo("hello-1");
  }

  @Test
  void whatTheSourceAsksForAndDoesNotGetIsTold() {
    var source = new BuildReport.Source("sha256:5", "1000", List.of("/data", "/var/lib"));
    var report = report(null, done(source));
    assertThat(report.status().source())
        .isEqualTo(new SourceImage("sha256:5", "1000", List.of("/data", "/var/lib")));
    assertThat(report.status().history().getFirst().source()).isEqualTo(report.status().source());
    assertThat(report.outcome().message())
        .isEqualTo(
            "Published registry.example/hello@sha256:"
                + A
                + ". The image's USER 1000 is not taken over: on linux the program runs as nobody"
                + " (65534). The image's VOLUME /data, /var/lib keeps nothing: what is written"
                + " there is gone with the guest.");
  }

  @Test
  void aSourceThatAsksForNothingIsNotTalkedAbout() {
    var report = report(null, done(new BuildReport.Source("sha256:5", "", List.of())));
    assertThat(report.status().source()).isEqualTo(new SourceImage("sha256:5", null, null));
    assertThat(report.outcome().message()).endsWith("sha256:" + A + ".");
  }

  @Test
  void inputsThatComeBackTakeTheirDiskBackToTheFront() {
    var old = past("sha256:other", "b");
    var mine = past(DIGEST, "a");
    var status = report(status(old, mine), null).status();
    assertThat(status.history()).containsExactly(mine, old);
    assertThat(status.source()).isEqualTo(mine.source());
  }

  @Test
  void theHistoryEndsSomewhere() {
    var many =
        IntStream.range(0, 10).mapToObj(i -> past("sha256:" + i, "b")).toArray(PastBuild[]::new);
    var history = report(status(many), done(null)).status().history();
    assertThat(history).hasSize(10);
    assertThat(history.getFirst().inputs()).isEqualTo(DIGEST);
    assertThat(history).doesNotContain(many[9]);
  }

  @Test
  void aFailureLeavesTheLastGoodBuildInPlaceAndSaysWhenItIsTriedAgain() {
    var good = past("sha256:other", "b");
    var failure = new Failure(ImageReason.SourceUnavailable, "It does not answer.", Retry.SOON);
    var report = report(status(good), attempt(new Attempt.Failed(failure)));
    assertThat(report.outcome())
        .isEqualTo(
            new Outcome.Waiting(
                ImageReason.SourceUnavailable,
                "It does not answer. It is tried again at 2026-01-01T12:00:30Z. The last good build"
                    + " stays published.",
                Duration.ofSeconds(30)));
    assertThat(report.status().artifact()).isEqualTo(good.artifact());
    assertThat(report.status().source()).isEqualTo(good.source());
    assertThat(report.status().inputs()).isEqualTo(DIGEST);
  }

  @Test
  void whatIsMissingLeavesEverythingElseInPlace() {
    var good = past("sha256:other", "b");
    var missing = new Outcome.Waiting(ImageReason.ConfigMapMissing, "It is missing.");
    var seen = observation(status(good), new Resolution.Incomplete(missing));
    var report = ImageReport.of(seen, Optional.empty(), Optional.empty());
    assertThat(report.outcome()).isEqualTo(missing);
    assertThat(report.status().history()).containsExactly(good);
    assertThat(report.status().inputs()).isEqualTo("sha256:other");
  }

  @Test
  void aFaultOfTheApiServerLeavesTheWholeStatusInPlace() {
    var image = image("{}");
    image.setStatus(report(null, done(null)).status());
    var fault = new Outcome.Failed(new IllegalStateException("no answer"));
    var status = ImageReport.of(image, fault, NOW).status();
    assertThat(status)
        .usingRecursiveComparison()
        .ignoringFields("conditions")
        .isEqualTo(image.getStatus());
    assertThat(status.conditions())
        .extracting(Condition::type, Condition::message)
        .contains(tuple(ConditionSet.RECONCILING, "no answer"));
  }

  private static ImageReport report(UnikernelImageStatus old, Attempt newest) {
    var seen = observation(old, new Resolution.Complete(inputs(IMAGE)));
    return ImageReport.of(seen, Optional.ofNullable(newest), Optional.empty());
  }

  private static Observation observation(UnikernelImageStatus old, Resolution resolution) {
    var image = image("{}");
    image.setStatus(old);
    return new Observation(image, resolution, List.of(), Map.of(), List.of(), NOW);
  }

  private static UnikernelImageStatus status(PastBuild... history) {
    var first = history[0];
    return new UnikernelImageStatus(
        1L,
        List.of(),
        first.inputs(),
        first.artifact(),
        first.surface(),
        first.source(),
        null,
        List.of(history),
        null);
  }

  private static PastBuild past(String inputs, String digit) {
    var source = new BuildReport.Source("sha256:" + digit, digit, null);
    var build = report(null, done(source)).status().history().getFirst();
    return new PastBuild(
        inputs, build.artifact(), build.surface(), build.source(), build.builtAt());
  }

  private static Attempt done(BuildReport.Source source) {
    var report = Images.report(A);
    return attempt(
        new Attempt.Done(
            new BuildReport(
                report.artifact(), report.surface(), report.sourceSurface(), source, null)));
  }

  private static Attempt attempt(Attempt.State state) {
    return new Attempt("hello-1", DIGEST, 1, "settings", NOW.toString(), NOW, 1, state, List.of());
  }
}
