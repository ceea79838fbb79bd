package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the plan and the report may look at.
 *
 * @param attempts builder Jobs of this image that are not being deleted
 * @param missing digests that services cannot pull, each with the name of one such service
 * @param plans the ConfigMaps that were made for Jobs
 * @param now by the operator's clock
 */
record Observation(
    UnikernelImage image,
    Resolution resolution,
    List<Attempt> attempts,
    Map<String, String> missing,
    List<ConfigMap> plans,
    Instant now) {

  /** The last attempt at these inputs. */
  Optional<Attempt> newest(String inputs) {
    return attempts.stream()
        .filter(attempt -> inputs.equals(attempt.inputs()))
        .max(Attempt.BY_NUMBER);
  }

  /** The status of the last pass; its parts may be null. */
  UnikernelImageStatus status() {
    return status(image);
  }

  /** The status of an image, never null. */
  static UnikernelImageStatus status(UnikernelImage image) {
    return image.getStatus() == null
        ? new UnikernelImageStatus(null, null, null, null, null, null, null, null, null)
        : image.getStatus();
  }

  /** Whether a disk of these inputs is known. */
  boolean published(String inputs) {
    return history().stream().anyMatch(past -> inputs.equals(past.inputs()));
  }

  /** Builds that were published, newest first. */
  List<PastBuild> history() {
    return status().history() == null ? List.of() : status().history();
  }
}
