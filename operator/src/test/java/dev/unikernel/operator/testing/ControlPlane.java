package dev.unikernel.operator.testing;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Plays the Job controller and the kubelet, which the bare API server does not have. */
public final class ControlPlane {
  private final KubernetesClient client;

  public ControlPlane(KubernetesClient client) {
    this.client = client;
  }

  /** Starts a pod of the Job, which then runs. */
  public Pod run(Job job) {
    var template = job.getSpec().getTemplate();
    var pod =
        client
            .resource(
                new PodBuilder()
                    .withMetadata(
                        new ObjectMetaBuilder()
                            .withGenerateName(job.getMetadata().getName() + "-")
                            .withNamespace(job.getMetadata().getNamespace())
                            .withLabels(template.getMetadata().getLabels())
                            .addToLabels(
                                "batch.kubernetes.io/controller-uid", job.getMetadata().getUid())
                            .withOwnerReferences(
                                new OwnerReferenceBuilder()
                                    .withApiVersion("batch/v1")
                                    .withKind("Job")
                                    .withName(job.getMetadata().getName())
                                    .withUid(job.getMetadata().getUid())
                                    .withController(true)
                                    .build())
                            .build())
                    .withSpec(template.getSpec())
                    .build())
            .create();
    return status(pod, new PodStatusBuilder().withPhase("Running").build());
  }

  /** The builder container ends. */
  public Pod end(Pod pod, int exitCode, String reason, String message) {
    return status(
        pod,
        new PodStatusBuilder()
            .withPhase(exitCode == 0 ? "Succeeded" : "Failed")
            .withContainerStatuses(ended(exitCode, reason, message))
            .build());
  }

  /** The builder container ends well, and another one runs on. */
  public Pod endBeside(Pod pod, String sidecar, String message) {
    var builder = ended(0, "Completed", message);
    return status(
        pod,
        new PodStatusBuilder()
            .withPhase("Running")
            .withContainerStatuses(
                builder,
                new ContainerStatusBuilder(builder)
                    .withName(sidecar)
                    .withNewState()
                    .withNewRunning()
                    .withStartedAt("2026-01-01T00:00:00Z")
                    .endRunning()
                    .endState()
                    .build())
            .build());
  }

  private static ContainerStatus ended(int exitCode, String reason, String message) {
    return new ContainerStatusBuilder()
        .withName("builder")
        .withImage("builder")
        .withImageID("builder")
        .withReady(false)
        .withRestartCount(0)
        .withNewState()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withReason(reason)
        .withMessage(message)
        .endTerminated()
        .endState()
        .build();
  }

  /** The kubelet reports. */
  public Pod status(Pod pod, PodStatus status) {
    return client
        .resource(
            new PodBuilder(pod)
                .editMetadata()
                .withResourceVersion(null)
                .endMetadata()
                .withStatus(status)
                .build())
        .patchStatus();
  }

  /** The Job controller finds the Job complete. */
  public void complete(Job job) {
    finish(job, 1, 0, List.of("SuccessCriteriaMet", "Complete"), "CompletionsReached");
  }

  /** The Job controller gives up. */
  public void fail(Job job, String reason) {
    finish(job, 0, 1, List.of("FailureTarget", "Failed"), reason);
  }

  private void finish(Job job, int succeeded, int failed, List<String> conditions, String reason) {
    var now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    client
        .resource(
            new JobBuilder(job)
                .editMetadata()
                .withResourceVersion(null)
                .endMetadata()
                .withNewStatus()
                .withStartTime(now)
                .withCompletionTime(succeeded > 0 ? now : null)
                .withSucceeded(succeeded)
                .withFailed(failed)
                .withReady(0)
                .withTerminating(0)
                .withNewUncountedTerminatedPods()
                .endUncountedTerminatedPods()
                .withConditions(
                    conditions.stream().map(type -> condition(type, reason, now)).toList())
                .endStatus()
                .build())
        .patchStatus();
  }

  private static JobCondition condition(String type, String reason, String now) {
    return new JobConditionBuilder()
        .withType(type)
        .withStatus("True")
        .withReason(reason)
        .withMessage("said the test")
        .withLastTransitionTime(now)
        .withLastProbeTime(now)
        .build();
  }
}
