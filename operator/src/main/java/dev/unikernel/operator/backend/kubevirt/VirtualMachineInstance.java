package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.unikernel.operator.kube.Times;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * KubeVirt's VirtualMachineInstance: one run of a VirtualMachine's guest. Only read, and no field
 * of it can fail to be read.
 */
@Group(KubeVirtObject.GROUP)
@Version(KubeVirtObject.VERSION)
public final class VirtualMachineInstance
    extends KubeVirtObject<Void, VirtualMachineInstance.Status> {
  private static final long serialVersionUID = 1L;

  /**
   * What KubeVirt says of the run; texts may be null, lists and maps are not.
   *
   * @param address the first that is known
   * @param entered when the run entered a phase, by the clock of the KubeVirt component that
   *     recorded it
   */
  public record Status(
      String phase,
      String nodeName,
      String address,
      List<KubeVirtCondition> conditions,
      Map<String, Instant> entered) {
    static final Status NONE = new Status(null, null, null, List.of(), Map.of());

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Status of(JsonNode status) {
      String address = null;
      for (var one : status.path("interfaces")) {
        var ip = one.path("ipAddress").asText("");
        address = address == null && !ip.isBlank() ? ip : address;
      }
      var entered = new HashMap<String, Instant>();
      for (var one : status.path("phaseTransitionTimestamps")) {
        Times.parse(one.path("phaseTransitionTimestamp").textValue())
            .ifPresent(at -> entered.putIfAbsent(one.path("phase").asText(), at));
      }
      return new Status(
          status.path("phase").textValue(),
          status.path("nodeName").textValue(),
          address,
          KubeVirtCondition.listOf(status.path("conditions")),
          Map.copyOf(entered));
    }
  }

  /** What KubeVirt says; never null. */
  Status said() {
    return getStatus() == null ? Status.NONE : getStatus();
  }
}
