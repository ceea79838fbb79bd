package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.status.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The life of an image that is built again, pass by pass, by plan and report alone. */
class RebuildsTest {
  private static final String DIGEST = inputs(image("{}")).digest();
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  private final UnikernelImage image = image("{}");
  private final List<Attempt> attempts = new ArrayList<>();
  private Map<String, String> missing = Map.of();
  private Instant now = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void aNewValueOfTheAnnotationBuildsOnceMoreAndTheOldDiskStaysKnown() {
    publish(1, A);
    ask("today");
    assertThat(started()).contains(2);
    assertThat(pass().outcome()).isInstanceOf(Outcome.Waiting.class);
    assertThat(started()).as("handled once").isEmpty();

    publish(2, B);
    assertThat(status().history())
        .extracting(past -> past.artifact().digest())
        .containsExactly(B, A);
    assertThat(status().artifact().digest()).isEqualTo(B);
    assertThat(started()).isEmpty();
    assertThat(status().rebuild().handled()).isEqualTo("today");
  }

  @Test
  void anImageThatIsNewWithTheAnnotationIsBuiltOnce() {
    ask("today");
    assertThat(started()).contains(1);
    publish(1, A);
    assertThat(started()).isEmpty();
    assertThat(pass().outcome()).isInstanceOf(Outcome.Steady.class);
  }

  @Test
  void aBuildThatIsUnderWayOrHasFailedIsStartedAgainToo() {
    for (var state :
        List.of(
            new Attempt.Underway(ImageReason.Building, "It builds."),
            new Attempt.Failed(new Failure(ImageReason.PushRefused, "No.", Retry.NEVER)))) {
      attempts.clear();
      image.setStatus(null);
      image.getMetadata().setAnnotations(Map.of());
      attempts.add(attempt(1, state));
      pass();
      assertThat(started()).isEmpty();
      ask("again");
      assertThat(started()).contains(2);
    }
  }

  @Test
  void aDiskThatTheRegistryHasLostIsBuiltAgainAndTheImageIsNotReadyMeanwhile() {
    publish(1, A);
    pause(3600);
    missing = Map.of(A, "web");
    assertThat(started()).contains(2);
    assertThat(pass().outcome().reason()).isEqualTo(ImageReason.ArtifactMissing);
    assertThat(pass().outcome().message())
        .startsWith(
            "The registry no longer has registry.example/hello@%s, as UnikernelService web found."
                .formatted(A));

    publish(2, A);
    assertThat(pass().outcome()).isInstanceOf(Outcome.Steady.class);
    assertThat(status().history()).hasSize(1);
    pause(60);
    assertThat(started()).as("the kubelet has not pulled again yet").isEmpty();
    pause(Rebuilds.PULL_PATIENCE.toSeconds());
    assertThat(started()).as("it is still missing").contains(3);
  }

  @Test
  void aDiskIsLostAgainAtOnceWhenItHadBeenPulledInBetween() {
    publish(1, A);
    missing = Map.of(A, "web");
    pass();
    publish(2, A);
    missing = Map.of();
    pass();
    pause(1);
    missing = Map.of(A, "web");
    assertThat(started()).contains(3);
  }

  @Test
  void aLossWhoseJobsAreGoneIsBuiltUnderANewNumber() {
    publish(4, A);
    attempts.clear();
    missing = Map.of(A, "web");
    assertThat(started()).contains(5);
  }

  @Test
  void aDiskThatIsNotMissingAndOneOfOtherInputsAreLeftAlone() {
    publish(1, A);
    missing = Map.of(B, "web");
    assertThat(started()).isEmpty();
    assertThat(pass().outcome()).isInstanceOf(Outcome.Steady.class);
  }

  private Optional<Integer> started() {
    return ImagePlan.of(seen(), Images.SETTINGS.builder())
        .start()
        .map(BuilderJob::job)
        .map(job -> BuilderJob.number(job.getMetadata().getName()));
  }

  /** One pass: starts what the plan says, and writes the status. */
  private ImageReport pass() {
    var seen = seen();
    var started =
        ImagePlan.of(seen, Images.SETTINGS.builder())
            .start()
            .map(
                job ->
                    attempt(
                        BuilderJob.number(job.job().getMetadata().getName()),
                        new Attempt.Underway(ImageReason.BuilderPending, "It waits.")));
    var report = ImageReport.of(seen, started, Optional.empty());
    started.ifPresent(attempts::add);
    image.setStatus(report.status());
    return report;
  }

  private void publish(int number, String digest) {
    pass();
    pause(1);
    attempts.clear();
    attempts.add(attempt(number, new Attempt.Done(report(digest))));
    pass();
  }

  private void ask(String value) {
    image.getMetadata().setAnnotations(Map.of(Rebuilds.ANNOTATION, value));
  }

  private void pause(long seconds) {
    now = now.plusSeconds(seconds);
  }

  private UnikernelImageStatus status() {
    return image.getStatus();
  }

  private Observation seen() {
    return new Observation(
        image,
        new Resolution.Complete(inputs(image("{}"))),
        List.copyOf(attempts),
        missing,
        List.of(),
        now);
  }

  private Attempt attempt(int number, Attempt.State state) {
    var settings = BuilderJob.settings(image, inputs(image("{}")), Images.SETTINGS.builder());
    var ended = state instanceof Attempt.Underway ? null : now;
    var job = "hello-" + DIGEST.substring(7, 17) + (number == 1 ? "" : "-" + number);
    return new Attempt(job, DIGEST, number, settings, null, ended, 1, state, List.of());
  }

  private static BuildReport report(String digest) {
    var report = Images.report(digest.substring("sha256:".length()));
    return new BuildReport(report.artifact(), report.surface(), report.sourceSurface(), null, null);
  }
}
