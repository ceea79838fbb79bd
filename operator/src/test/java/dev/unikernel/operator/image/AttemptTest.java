package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.builder.report.BuildReport.BuildError;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptTest {
  private static final Job JOB = job(1);

  @Test
  void aJobWithoutAPodWaitsOrIsRefused() {
    assertThat(state(JOB, Optional.empty()))
        .isEqualTo(
            new Attempt.Underway(ImageReason.BuilderPending, "Job " + name() + " has no pod yet."));
    assertThat(state(JOB, Optional.of("exceeded quota: small")))
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.BuilderRefused, "The builder pod is refused: exceeded quota: small"));
  }

  @Test
  void aPodThatIsHeldUpSaysByWhat() {
    assertThat(
            state(
                JOB,
                pod(
                    """
                    {phase: Pending, conditions: [{type: PodScheduled, status: "False",
                     reason: Unschedulable, message: "0/1 nodes are available: 1 Insufficient memory."}]}
                    """)))
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.BuilderUnschedulable,
                "No node takes the builder pod: 0/1 nodes are available: 1 Insufficient memory."
                    + " Look at spec.build.resources, nodeSelector and tolerations."));
    assertThat(state(JOB, waiting("ImagePullBackOff")))
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.BuilderImageUnavailable,
                "The builder image registry.example/builder@sha256:1 cannot be pulled"
                    + " (ImagePullBackOff). That is the platform team's to mend."));
    assertThat(state(JOB, waiting("CreateContainerConfigError")))
        .extracting("reason")
        .isEqualTo(ImageReason.BuilderNotStarted);
    assertThat(state(JOB, waiting("ContainerCreating")))
        .extracting("reason")
        .isEqualTo(ImageReason.BuilderPending);
  }

  @Test
  void aTryThatFailedIsToldWhileTheNextOneRuns() {
    var first = pod("{phase: Failed, containerStatuses: [" + ended(75, "Error", error()) + "]}");
    first.getMetadata().setCreationTimestamp("2026-01-01T00:00:00Z");
    var second = pod("{phase: Running}");
    second.getMetadata().setCreationTimestamp("2026-01-01T00:00:10Z");

    assertThat(state(JOB, first, second))
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.Building,
                "Job %s builds; see kubectl logs job/%<s. The try before failed: registry:5000 does"
                        .formatted(name())
                    + " not answer. Start it."));
    assertThat(state(JOB, first))
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.TargetUnavailable,
                "registry:5000 does not answer. Start it. It is tried again."));
  }

  @Test
  void aJobThatPublishedSaysWhat() {
    var report = Serialization.asJson(Images.report("a".repeat(64)));
    assertThat(
            state(
                finished("Complete", "CompletionsReached"),
                pod(
                    "{phase: Succeeded, containerStatuses: ["
                        + ended(0, "Completed", report)
                        + "]}")))
        .isEqualTo(new Attempt.Done(Images.report("a".repeat(64))));
  }

  @Test
  void aReportThatNobodyReadIsBuiltForAgainAfterAWaitAndNotForEver() {
    var attempt = Attempt.of(lost(1), List.of(), Optional.empty());
    assertThat(attempt.state())
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.ReportLost,
                    "Job %s is done, but its pod was removed before its report was read."
                        .formatted(name()),
                    Retry.SOON)));
    assertThat(attempt.retryAt()).contains(Instant.parse("2026-01-01T00:00:30Z"));

    assertThat(state(lost(Attempt.LOST_MAX)))
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.ReportLost,
                    "Job %1$s-5 is done, but its pod was removed before its report was read. Find"
                            .formatted(name())
                        + " out what removes pods that have ended (a clean-up job, the controller"
                        + " manager's terminated-pod-gc-threshold) and spare those with the label"
                        + " unikernel.dev/image; then delete Job %s-5 to build again."
                            .formatted(name()),
                    Retry.NEVER)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "done", "{}", "{\"artifact\":{\"registry\":\"registry.exa"})
  void lastWordsThatAreNoReportAreTheBuildersFault(String words) {
    var pod = pod("{phase: Succeeded, containerStatuses: [" + ended(0, "Completed", words) + "]}");
    assertThat(state(lost(1), pod))
        .extracting("failure.reason", "failure.message")
        .containsExactly(
            ImageReason.ReportLost,
            "Job %s is done, but its pod's last words are no report.".formatted(name()));
    assertThat(state(lost(Attempt.LOST_MAX), pod))
        .extracting("failure.message")
        .asString()
        .contains("builder.image in the operator's chart");
  }

  @Test
  void theNumberOfAnAttemptIsInItsNameAndNotWhereItCanBeEdited() {
    for (var number : List.of(1, 2, 5000)) {
      var job = job(number);
      job.getMetadata().setAnnotations(Map.of("unikernel.dev/attempt", "many"));
      assertThat(Attempt.of(job, List.of(), Optional.empty()).number()).isEqualTo(number);
    }
    var odd = new JobBuilder(JOB).editMetadata().withName("a-0123456789-0123456789").endMetadata();
    assertThat(BuilderJob.number(odd.build())).isEqualTo(1);
  }

  @Test
  void memoryScratchAndTimeThatRanOutAreToldWithTheirLimits() {
    var failed = finished("Failed", "BackoffLimitExceeded");
    assertThat(
            state(
                failed,
                pod("{phase: Failed, containerStatuses: [" + ended(137, "OOMKilled", "") + "]}")))
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.OutOfMemory,
                    "The builder needed more memory than its limit of 512Mi. Give"
                        + " spec.build.resources.limits.memory more than that.",
                    Retry.NEVER)));
    assertThat(
            state(
                failed,
                pod(
                    "{phase: Failed, reason: Evicted, message: 'Usage of EmptyDir volume \"work\" exceeds the limit \"8Gi\".'}")))
        .extracting("failure.reason", "failure.retry")
        .containsExactly(ImageReason.ScratchFull, Retry.NEVER);
    assertThat(state(finished("Failed", "DeadlineExceeded")))
        .extracting("failure.message")
        .asString()
        .startsWith("The build was not done within 600 s. Raise spec.build.timeoutSeconds");
  }

  @Test
  void aBuilderThatDiedWithoutAReportIsQuotedByItsLastLine() {
    assertThat(
            state(
                finished("Failed", "BackoffLimitExceeded"),
                pod(
                    "{phase: Failed, containerStatuses: ["
                        + ended(1, "Error", "one\nNo space left\n\n")
                        + "]}")))
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.BuilderCrashed,
                    "The builder ended with exit code 1 and said: No space left",
                    Retry.SELDOM)));
  }

  @ParameterizedTest
  @EnumSource
  void everyErrorOfTheBuilderHasAReason(BuildError.Code code) {
    assertThat(ImageReason.of(code).meaning()).endsWith(".");
  }

  private static String error() {
    return "{\"error\":{\"code\":\"TargetUnavailable\",\"message\":\"registry:5000 does not"
        + " answer\",\"remedy\":\"start it\"},\"unknownField\":1}";
  }

  private static Attempt.State state(Job job, Pod... pods) {
    return Attempt.of(job, List.of(pods), Optional.empty()).state();
  }

  private static Attempt.State state(Job job, Optional<String> refusal) {
    return Attempt.of(job, List.of(), refusal).state();
  }

  private static String name() {
    return JOB.getMetadata().getName();
  }

  private static Job lost(int number) {
    return finished(job(number), "Complete", "CompletionsReached");
  }

  private static Job finished(String condition, String reason) {
    return finished(JOB, condition, reason);
  }

  private static Job job(int number) {
    var image = image("{}");
    return BuilderJob.of(image, inputs(image), number, Images.SETTINGS.builder()).job();
  }

  private static Job finished(Job job, String condition, String reason) {
    return new JobBuilder(job)
        .withNewStatus()
        .addNewCondition()
        .withType(condition)
        .withStatus("True")
        .withReason(reason)
        .withLastTransitionTime("2026-01-01T00:00:00Z")
        .endCondition()
        .endStatus()
        .build();
  }

  private static Pod waiting(String reason) {
    return pod(
        "{phase: Pending, containerStatuses: [{name: builder, state: {waiting: {reason: "
            + reason
            + "}}}]}");
  }

  private static String ended(int exitCode, String reason, String message) {
    return Serialization.asJson(
        Map.of(
            "name",
            "builder",
            "state",
            Map.of(
                "terminated", Map.of("exitCode", exitCode, "reason", reason, "message", message))));
  }

  private static Pod pod(String status) {
    return new PodBuilder(
            Serialization.unmarshal("status: " + status.replace("\n", " "), Pod.class))
        .withNewMetadata()
        .withName("pod")
        .endMetadata()
        .build();
  }
}
