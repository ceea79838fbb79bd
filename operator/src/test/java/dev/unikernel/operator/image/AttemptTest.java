package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImageStatus.BuildStatus;
import dev.unikernel.builder.report.BuildReport.BuildError;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
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
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final BuildStatus LONG_KNOWN =
      known(JOB.getMetadata().getName(), NOW.minus(Duration.ofHours(1)));

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
                    + " (ImagePullBackOff). Ask the platform team to check builder.image and"
                    + " builder.pullSecrets in the operator's Helm values."));
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
  void aReportThatWasNeverReadIsBuiltForAgainAfterAWaitAndNotForEver() {
    var awaited = Attempt.of(lost(1), List.of(), Optional.empty(), null, NOW);
    assertThat(awaited.finishedAt()).isEqualTo(NOW);
    assertThat(awaited.state())
        .isEqualTo(
            new Attempt.Underway(
                ImageReason.Building,
                "Job %s has ended; the report of its pod is awaited.".formatted(name())));

    var since = NOW.minus(Attempt.REPORT_PATIENCE);
    var attempt = Attempt.of(lost(1), List.of(), Optional.empty(), known(name(), since), NOW);
    assertThat(attempt.state())
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.ReportLost,
                    "Job %s is done, but its pod was removed before its report was read."
                        .formatted(name()),
                    Retry.SOON)));
    assertThat(attempt.retryAt()).contains(since.plusSeconds(30));

    var last = lost(Attempt.LOST_MAX);
    assertThat(
            Attempt.of(
                    last,
                    List.of(),
                    Optional.empty(),
                    known(last.getMetadata().getName(), since),
                    NOW)
                .state())
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
    var last = lost(Attempt.LOST_MAX);
    var known = known(last.getMetadata().getName(), NOW.minus(Duration.ofHours(1)));
    assertThat(Attempt.of(last, List.of(pod), Optional.empty(), known, NOW).state())
        .extracting("failure.message")
        .asString()
        .contains("builder.image in the operator's chart");
  }

  @Test
  void theNumberOfAnAttemptIsInItsNameAndNotWhereItCanBeEdited() {
    for (var number : List.of(1, 2, 5000)) {
      var job = job(number);
      job.getMetadata().setAnnotations(Map.of("unikernel.dev/attempt", "many"));
      assertThat(Attempt.of(job, List.of(), Optional.empty(), null, NOW).number())
          .isEqualTo(number);
      assertThat(BuilderJob.image(job.getMetadata().getName())).contains("hello");
    }
    assertThat(BuilderJob.number("a-0123456789-0123456789")).isEqualTo(1);
    assertThat(BuilderJob.image("a-0123456789-5-0123456789-2")).contains("a-0123456789-5");
    assertThat(BuilderJob.image("nightly-backup")).isEmpty();
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
    var late =
        "{\"error\":{\"code\":\"BuildTimeout\",\"message\":\"the build was not done within 600 s\","
            + "\"remedy\":\"raise spec.build.timeoutSeconds\"}}";
    assertThat(
            state(
                failed,
                pod("{phase: Failed, containerStatuses: [" + ended(65, "Error", late) + "]}")))
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.BuildTimeout,
                    "The build was not done within 600 s. Raise spec.build.timeoutSeconds.",
                    Retry.SELDOM)));
  }

  @Test
  void aJobThatNeverHadARunningPodHasNotRunOutOfTime() {
    assertThat(state(finished("Failed", "DeadlineExceeded")))
        .extracting("failure.reason", "failure.retry")
        .containsExactly(ImageReason.BuilderPending, Retry.SOON);
    assertThat(state(finished("Failed", "DeadlineExceeded"), waiting("ImagePullBackOff")))
        .extracting("failure.reason")
        .isEqualTo(ImageReason.BuilderPending);
  }

  @Test
  void whatPutABuilderPodOutIsToldAndNotTheBuildersLastWords() {
    var stopped =
        "{\"error\":{\"code\":\"Stopped\",\"message\":\"the build was stopped before it ended\","
            + "\"remedy\":\"it is tried again\"}}";
    var status = "{phase: Failed, %s, containerStatuses: [" + ended(75, "Error", stopped) + "]}";
    var drained =
        "conditions: [{type: DisruptionTarget, status: 'True', reason: EvictionByEvictionAPI,"
            + " message: 'Eviction API: evicting'}]";
    for (var why :
        Map.of(
                drained,
                "Eviction API: evicting",
                "reason: Evicted, message: 'The node was low on resource: memory. '",
                "The node was low on resource: memory")
            .entrySet()) {
      assertThat(state(JOB, pod(status.formatted(why.getKey()))))
          .isEqualTo(
              new Attempt.Underway(
                  ImageReason.Stopped,
                  "The builder pod was stopped before the build ended: %s. It is tried again."
                      .formatted(why.getValue())));
    }
  }

  @Test
  void aBuilderThatHasEndedEndsTheBuildThoughOthersRunInItsPod() {
    var sidecar = "{name: istio-proxy, state: {running: {startedAt: '2026-01-01T00:00:00Z'}}}";
    var published = ended(0, "Completed", Serialization.asJson(Images.report("a".repeat(64))));
    var pod = pod("{phase: Running, containerStatuses: [" + published + ", " + sidecar + "]}");
    var done = Attempt.of(JOB, List.of(pod), Optional.empty(), null, NOW);
    assertThat(done.state()).isEqualTo(new Attempt.Done(Images.report("a".repeat(64))));
    assertThat(done.finishedAt()).isEqualTo(NOW);
    assertThat(done.keptBy()).containsExactly("istio-proxy");

    var failing =
        pod(
            "{phase: Running, containerStatuses: ["
                + ended(75, "Error", error())
                + ", "
                + sidecar
                + "]}");
    assertThat(state(JOB, failing))
        .isEqualTo(
            new Attempt.Failed(
                new Failure(
                    ImageReason.TargetUnavailable,
                    "registry:5000 does not answer. Start it. Its pod does not end, since this runs"
                        + " on in it: istio-proxy. Keep that out of pods with the label"
                        + " unikernel.dev/image.",
                    Retry.SOON)));
  }

  @ParameterizedTest
  @ValueSource(longs = {-3600, -60, 0, 60, 3600})
  void theClocksOfOthersMoveNoWait(long skewSeconds) {
    var theirs = NOW.plusSeconds(skewSeconds).toString();
    var failed = finished("Failed", "BackoffLimitExceeded");
    failed.getStatus().getConditions().getFirst().setLastTransitionTime(theirs);
    failed.getStatus().setStartTime(theirs);
    var pod = pod("{phase: Failed, containerStatuses: [" + ended(75, "Error", error()) + "]}");

    var first = Attempt.of(failed, List.of(pod), Optional.empty(), null, NOW);
    assertThat(first.retryAt()).contains(NOW.plusSeconds(30));

    var later = NOW.plusSeconds(10);
    var known = known(name(), first.finishedAt());
    assertThat(Attempt.of(failed, List.of(pod), Optional.empty(), known, later).retryAt())
        .contains(NOW.plusSeconds(30));
    assertThat(
            Attempt.of(failed, List.of(pod), Optional.empty(), known, NOW.minusSeconds(7200))
                .retryAt())
        .as("our own clock was set back")
        .contains(NOW.minusSeconds(7200).plusSeconds(30));
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

  private static BuildStatus known(String job, Instant finishedAt) {
    return new BuildStatus(job, null, finishedAt.toString(), 1);
  }

  private static String error() {
    return "{\"error\":{\"code\":\"TargetUnavailable\",\"message\":\"registry:5000 does not"
        + " answer\",\"remedy\":\"start it\"},\"unknownField\":1}";
  }

  private static Attempt.State state(Job job, Pod... pods) {
    return Attempt.of(job, List.of(pods), Optional.empty(), LONG_KNOWN, NOW).state();
  }

  private static Attempt.State state(Job job, Optional<String> refusal) {
    return Attempt.of(job, List.of(), refusal, null, NOW).state();
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
