package dev.unikernel.builder;

import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.builder.source.OciImage;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a published image says of itself. Not for whom it was built: equal inputs are one digest, so
 * that two users of one repository and tag share a disk, and neither takes the tag from the other.
 */
final class Labels {
  private Labels() {}

  static SortedMap<String, String> of(BuildPlan plan, OciImage source, KernelImage disk) {
    SortedMap<String, String> labels = new TreeMap<>();
    labels.put("org.opencontainers.image.base.name", plan.source().image().reference());
    labels.put("org.opencontainers.image.base.digest", source.digest());
    labels.put("dev.unikernel.kernel", plan.kernel().name());
    labels.put("dev.unikernel.kernel.version", String.valueOf(plan.kernel().version()));
    labels.put("dev.unikernel.kernel.sha256", disk.kernelSha256());
    return labels;
  }
}
