package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** What KubeVirt says of a VirtualMachine; everything may be absent. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VirtualMachineStatus(
    String printableStatus, List<KubeVirtCondition> conditions, StartFailure startFailure) {

  /** Guests that ended before they ran, in a row. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record StartFailure(Integer consecutiveFailCount, String retryAfterTimestamp) {}
}
