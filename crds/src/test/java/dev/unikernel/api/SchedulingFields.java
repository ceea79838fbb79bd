package dev.unikernel.api;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Sentences, required fields and allowed values for the scheduling types that the API takes over
 * from Kubernetes (Toleration, Affinity, TopologySpreadConstraint, LabelSelector), whose Java
 * classes carry none.
 */
final class SchedulingFields {
  private static final Map<String, String> DESCRIPTIONS =
      Map.ofEntries(
          entry("effect", "The taint's effect to put up with. Default: all effects."),
          entry("key", "The key of a label, field or taint."),
          entry("labelSelector", "Selects pods by their labels."),
          entry("matchExpressions", "Requirements on labels; all of them hold."),
          entry("matchFields", "Requirements on the node's fields; all of them hold."),
          entry("matchLabelKeys", "Label keys whose values are taken from the pod itself."),
          entry("matchLabels", "Labels and their values; all of them are there."),
          entry("maxSkew", "How far the fullest place may be ahead of the emptiest."),
          entry("minDomains", "The least number of places to spread over."),
          entry("mismatchLabelKeys", "Label keys whose values differ from the pod's own."),
          entry("namespaceSelector", "Selects the namespaces of the pods by their labels."),
          entry("namespaces", "The namespaces of the pods. Default: this namespace."),
          entry("nodeAffinity", "Which nodes to seek."),
          entry("nodeAffinityPolicy", "Whether nodes ruled out by affinity count as places."),
          entry("nodeSelectorTerms", "Descriptions of nodes; one of them holds."),
          entry("nodeTaintsPolicy", "Whether nodes ruled out by taints count as places."),
          entry("operator", "How key and values are compared."),
          entry("podAffinity", "Which pods to be near to."),
          entry("podAffinityTerm", "Which pods, and what counts as near."),
          entry("podAntiAffinity", "Which pods to stay away from."),
          entry("preference", "A description of the nodes to prefer."),
          entry("preferredDuringSchedulingIgnoredDuringExecution", "Wishes, added up by weight."),
          entry("requiredDuringSchedulingIgnoredDuringExecution", "Conditions that are met."),
          entry("tolerationSeconds", "How long a NoExecute taint is put up with."),
          entry("topologyKey", "The node label whose value is the place."),
          entry("value", "The taint's value."),
          entry("values", "The values to compare with."),
          entry("weight", "How much this wish counts, from 1 to 100."),
          entry("whenUnsatisfiable", "What to do where the spread cannot be kept."));

  private static final Map<String, List<String>> REQUIRED_WITH =
      Map.of(
          "values", List.of("key", "operator"),
          "topologyKey", List.of("topologyKey"),
          "maxSkew", List.of("maxSkew", "topologyKey", "whenUnsatisfiable"),
          "preference", List.of("preference", "weight"),
          "podAffinityTerm", List.of("podAffinityTerm", "weight"),
          "nodeSelectorTerms", List.of("nodeSelectorTerms"));

  private static final Map<String, List<String>> ENUMS =
      Map.of(
          "effect", List.of("NoExecute", "NoSchedule", "PreferNoSchedule"),
          "nodeAffinityPolicy", List.of("Honor", "Ignore"),
          "nodeTaintsPolicy", List.of("Honor", "Ignore"),
          "whenUnsatisfiable", List.of("DoNotSchedule", "ScheduleAnyway"));

  private static final List<String> TOLERATION_OPERATORS = List.of("Equal", "Exists");

  private static final List<String> SELECTOR_OPERATORS =
      List.of("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn");

  private SchedulingFields() {}

  /** Fills in every property below {@code node} that has no description yet. */
  static void describe(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("properties") instanceof ObjectNode fields) {
      fields.properties().stream()
          .filter(field -> !field.getValue().has("description"))
          .filter(field -> DESCRIPTIONS.containsKey(field.getKey()))
          .forEach(field -> complete(object, field.getKey(), (ObjectNode) field.getValue()));
    }
    node.forEach(SchedulingFields::describe);
  }

  private static void complete(ObjectNode parent, String name, ObjectNode field) {
    field.put("description", DESCRIPTIONS.get(name));
    if (REQUIRED_WITH.containsKey(name) && !parent.has("required")) {
      addAll(parent.putArray("required"), REQUIRED_WITH.get(name));
    }
    if (ENUMS.containsKey(name)) {
      addAll(field.putArray("enum"), ENUMS.get(name));
    }
    if (name.equals("operator")) {
      boolean ofToleration = parent.get("properties").has("effect");
      addAll(field.putArray("enum"), ofToleration ? TOLERATION_OPERATORS : SELECTOR_OPERATORS);
    }
    if (name.equals("weight")) {
      field.put("minimum", 1).put("maximum", 100);
    }
  }

  private static void addAll(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
