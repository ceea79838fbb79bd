package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the plan and the report may look at.
 *
 * @param jobs builder Jobs of this image that are not being deleted
 * @param pods their pods, by Job name
 * @param refusals by Job name, why the API server does not let it have a pod
 * @param plans the ConfigMaps that were made for Jobs
 */
record Observation(
    UnikernelImage image,
    Resolution resolution,
    List<Job> jobs,
    Map<String, List<Pod>> pods,
    Map<String, String> refusals,
    List<ConfigMap> plans,
    Instant now) {

  /** The last attempt at these inputs. */
  Optional<Attempt> newest(String inputs) {
    return jobs.stream()
        .filter(job -> inputs.equals(job.getMetadata().getAnnotations().get(BuilderJob.INPUTS)))
        .map(this::attempt)
        .max(Attempt.BY_NUMBER);
  }

  /** The status of the last pass; its parts may be null. */
  UnikernelImageStatus status() {
    return status(image);
  }

  /** The status of an image, never null. */
  static UnikernelImageStatus status(UnikernelImage image) {
    return image.getStatus() == null
        ? new UnikernelImageStatus(null, null, null, null, null, null, null, null)
        : image.getStatus();
  }

  /** Builds that were published, newest first. */
  List<PastBuild> history() {
    return status().history() == null ? List.of() : status().history();
  }

  private Attempt attempt(Job job) {
    var name = job.getMetadata().getName();
    return Attempt.of(
        job, pods.getOrDefault(name, List.of()), Optional.ofNullable(refusals.get(name)));
  }

  /** Those of {@code pods} that {@code job} started. */
  static List<Pod> podsOf(Job job, List<Pod> pods) {
    return pods.stream()
        .filter(
            pod ->
                pod.getMetadata().getOwnerReferences().stream()
                    .anyMatch(owner -> owner.getUid().equals(job.getMetadata().getUid())))
        .toList();
  }
}
