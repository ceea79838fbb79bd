package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/**
 * KubeVirt's VirtualMachine as it is read: few fields, and none of them can fail to be read. What
 * is written is a {@link VirtualMachineSpec}.
 */
@Group(KubeVirtObject.GROUP)
@Version(KubeVirtObject.VERSION)
public final class VirtualMachine
    extends KubeVirtObject<VirtualMachine.Spec, VirtualMachine.Status> {
  private static final long serialVersionUID = 1L;

  /**
   * Of what is to run; everything may be null.
   *
   * @param runStrategy whether KubeVirt starts a guest
   * @param pullSecret of the image that it boots
   */
  public record Spec(String runStrategy, String pullSecret) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Spec of(JsonNode spec) {
      var run = spec.path("template").path("spec");
      var kernel = run.at("/domain/firmware/kernelBoot/container/imagePullSecret");
      var disk = run.at("/volumes/0/containerDisk/imagePullSecret");
      return new Spec(
          spec.path("runStrategy").textValue(), (kernel.isTextual() ? kernel : disk).textValue());
    }
  }

  /**
   * What KubeVirt says of it; texts may be null, lists are not.
   *
   * @param startFailures guests that ended before they ran, in a row
   */
  public record Status(
      String printableStatus, List<KubeVirtCondition> conditions, int startFailures) {
    static final Status NONE = new Status(null, List.of(), 0);

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Status of(JsonNode status) {
      return new Status(
          status.path("printableStatus").textValue(),
          KubeVirtCondition.listOf(status.path("conditions")),
          status.path("startFailure").path("consecutiveFailCount").asInt(0));
    }
  }

  /** What is to run; never null. */
  Spec wanted() {
    return getSpec() == null ? new Spec(null, null) : getSpec();
  }

  /** What KubeVirt says; never null. */
  Status said() {
    return getStatus() == null ? Status.NONE : getStatus();
  }
}
