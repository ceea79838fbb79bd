package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The conditions in a status, as KubeVirt writes them: one per type, reason and message left out
 * when there is none.
 */
record Conditions(ObjectNode status) {

  Optional<JsonNode> find(String type) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  boolean isTrue(String type) {
    return find(type)
        .filter(condition -> condition.path("status").asText().equals("True"))
        .isPresent();
  }

  /** The reason of a condition that is there and not True. */
  Optional<String> problem(String type) {
    return find(type)
        .filter(condition -> !condition.path("status").asText().equals("True"))
        .map(condition -> condition.path("reason").asText(""));
  }

  void setTrue(String type) {
    set(type, "True", null, null);
  }

  void setTrue(String type, String message) {
    set(type, "True", null, message);
  }

  void setTrue(String type, String reason, String message) {
    set(type, "True", reason, message);
  }

  void setFalse(String type, String reason, String message) {
    set(type, "False", reason, message);
  }

  void copy(JsonNode condition) {
    set(
        condition.path("type").asText(),
        condition.path("status").asText(),
        condition.path("reason").asText(null),
        condition.path("message").asText(null));
  }

  void remove(String type) {
    ArrayNode conditions = status.withArrayProperty("conditions");
    for (int index = 0; index < conditions.size(); index++) {
      if (conditions.get(index).path("type").asText().equals(type)) {
        conditions.remove(index);
        return;
      }
    }
  }

  private void set(String type, String value, String reason, String message) {
    Optional<JsonNode> old = find(type);
    boolean same =
        old.filter(condition -> condition.path("status").asText().equals(value)).isPresent();
    ObjectNode condition =
        old.map(ObjectNode.class::cast)
            .orElseGet(() -> status.withArrayProperty("conditions").addObject());
    condition.put("type", type).put("status", value).putNull("lastProbeTime");
    putOrRemove(condition, "reason", reason);
    putOrRemove(condition, "message", message);
    if (!same) {
      condition.put("lastTransitionTime", Api.now());
    }
  }

  private static void putOrRemove(ObjectNode condition, String field, String value) {
    if (value == null || value.isEmpty()) {
      condition.remove(field);
    } else {
      condition.put(field, value);
    }
  }
}
