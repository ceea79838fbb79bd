package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** A condition of KubeVirt's; its time is RFC 3339 or null. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record KubeVirtCondition(
    String type, String status, String reason, String message, String lastTransitionTime) {

  boolean is(String wanted) {
    return wanted.equals(status);
  }
}
