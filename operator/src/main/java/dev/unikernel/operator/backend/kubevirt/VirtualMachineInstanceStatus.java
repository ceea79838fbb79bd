package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** What KubeVirt says of one run; everything may be absent. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VirtualMachineInstanceStatus(
    String phase,
    String nodeName,
    List<KubeVirtCondition> conditions,
    List<Interface> interfaces,
    List<PhaseTransition> phaseTransitionTimestamps) {

  /** A network interface of the guest. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Interface(String ipAddress) {}

  /** When the run entered a phase. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PhaseTransition(String phase, String phaseTransitionTimestamp) {}
}
