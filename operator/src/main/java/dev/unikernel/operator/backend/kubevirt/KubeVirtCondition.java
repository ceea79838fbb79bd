package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unikernel.operator.kube.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A condition of a VirtualMachine, its run or its pod; everything but the type may be null. */
public record KubeVirtCondition(
    String type, String status, String reason, String message, Instant since) {

  /** All that are conditions; other entries are passed over. */
  static List<KubeVirtCondition> listOf(JsonNode conditions) {
    var list = new ArrayList<KubeVirtCondition>();
    for (var one : conditions) {
      if (one.path("type").isTextual()) {
        list.add(
            new KubeVirtCondition(
                one.get("type").textValue(),
                one.path("status").textValue(),
                one.path("reason").textValue(),
                one.path("message").textValue(),
                Times.parse(one.path("lastTransitionTime").textValue()).orElse(null)));
      }
    }
    return List.copyOf(list);
  }

  /** The condition of this type, if it is among them. */
  static Optional<KubeVirtCondition> find(List<KubeVirtCondition> conditions, String type) {
    return conditions.stream().filter(one -> one.type().equals(type)).findFirst();
  }

  boolean is(String wanted) {
    return wanted.equals(status);
  }
}
