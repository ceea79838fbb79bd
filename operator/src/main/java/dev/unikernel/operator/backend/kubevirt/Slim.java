package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.kube.SparseStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Trims each object to what is read of it: a launcher pod has 37 KiB, and 1 KiB of it is read. In
 * place: see {@link SparseStore}.
 */
final class Slim {
  private static final String OUR_KEYS = "unikernel.dev/";

  private Slim() {}

  /** Of the machines of others, only that they are there. */
  static void machine(VirtualMachine whole) {
    var metadata = metadata(whole);
    if (isOurs(whole)) {
      metadata.setCreationTimestamp(whole.getMetadata().getCreationTimestamp());
      metadata.setLabels(labels(whole.getMetadata().getLabels()));
      metadata.setAnnotations(ours(whole.getMetadata().getAnnotations()));
    } else {
      whole.setSpec(null);
      whole.setStatus(null);
    }
    whole.setMetadata(metadata);
  }

  static void run(VirtualMachineInstance whole) {
    var metadata = metadata(whole);
    metadata.setCreationTimestamp(whole.getMetadata().getCreationTimestamp());
    metadata.setLabels(labels(whole.getMetadata().getLabels()));
    whole.setMetadata(metadata);
  }

  static void pod(Pod whole) {
    var metadata = metadata(whole);
    metadata.setLabels(labels(whole.getMetadata().getLabels()));
    var status = new PodStatusBuilder();
    if (whole.getStatus() != null) {
      status.withConditions(
          whole.getStatus().getConditions().stream()
              .filter(condition -> "Ready".equals(condition.getType()))
              .toList());
    }
    whole.setMetadata(metadata);
    whole.setSpec(null);
    whole.setStatus(status.build());
  }

  private static boolean isOurs(VirtualMachine machine) {
    return Owned.controller(machine)
        .filter(owner -> owner.getKind().equals(HasMetadata.getKind(UnikernelService.class)))
        .isPresent();
  }

  private static ObjectMeta metadata(HasMetadata whole) {
    var metadata = whole.getMetadata();
    return new ObjectMetaBuilder()
        .withName(metadata.getName())
        .withNamespace(metadata.getNamespace())
        .withUid(metadata.getUid())
        .withResourceVersion(metadata.getResourceVersion())
        .withOwnerReferences(metadata.getOwnerReferences())
        .withDeletionTimestamp(metadata.getDeletionTimestamp())
        .withDeletionGracePeriodSeconds(metadata.getDeletionGracePeriodSeconds())
        .build();
  }

  private static Map<String, String> labels(Map<String, String> all) {
    return all.entrySet().stream()
        .filter(
            label -> label.getKey().startsWith(OUR_KEYS) || label.getKey().equals(Owned.MANAGED_BY))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Map<String, String> ours(Map<String, String> all) {
    return all.entrySet().stream()
        .filter(annotation -> annotation.getKey().startsWith(OUR_KEYS))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
