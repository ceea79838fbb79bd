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
          entry("effect", "The effect of the tolerated taint. Default: all effects."),
          entry("key", "The key of a label, field or taint."),
          entry("labelSelector", "Selects pods by their labels."),
          entry("matchExpressions", "Requirements on labels; all of them must hold."),
          entry("matchFields", "Requirements on the node's fields; all of them must hold."),
          entry("matchLabelKeys", "Label keys whose values are taken from the pod itself."),
          entry("matchLabels", "Labels and their values; all of them must match."),
          entry(
              "maxSkew",
              "The largest allowed difference between the number of instances in two domains."),
          entry("minDomains", "The smallest number of domains to spread over."),
          entry("mismatchLabelKeys", "Label keys whose values differ from the pod's own."),
          entry("namespaceSelector", "Selects the namespaces of the pods by their labels."),
          entry("namespaces", "The namespaces of the pods. Default: this namespace."),
          entry("nodeAffinity", "Node affinity rules."),
          entry("nodeAffinityPolicy", "Whether nodes excluded by affinity count as domains."),
          entry("nodeSelectorTerms", "Node selector terms; one of them must match."),
          entry("nodeTaintsPolicy", "Whether nodes excluded by taints count as domains."),
          entry("operator", "How key and values are compared."),
          entry("podAffinity", "Rules for running near other pods."),
          entry("podAffinityTerm", "Which pods, and the domain they share."),
          entry("podAntiAffinity", "Rules for running apart from other pods."),
          entry("preference", "A description of the nodes to prefer."),
          entry(
              "preferredDuringSchedulingIgnoredDuringExecution",
              "Preferences; the weights of those that match are added up."),
          entry("requiredDuringSchedulingIgnoredDuringExecution", "Requirements that must be met."),
          entry("tolerationSeconds", "How long a NoExecute taint is tolerated."),
          entry("topologyKey", "The node label whose value is the domain."),
          entry("value", "The taint's value."),
          entry("values", "The values to compare with."),
          entry("weight", "The weight of this preference, from 1 to 100."),
          entry("whenUnsatisfiable", "What to do with an instance that breaks the constraint."));

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

  private record Range(int least, int most) {}

  /** An instance count is at most what {@code spec.replicas} may be. */
  private static final Map<String, Range> RANGES =
      Map.of(
          "maxSkew", new Range(1, 1000),
          "minDomains", new Range(1, 1000),
          "tolerationSeconds", new Range(0, Integer.MAX_VALUE),
          "weight", new Range(1, 100));

  private static final int LABEL_KEY_LENGTH = 317;
  private static final int LABEL_VALUE_LENGTH = 63;
  private static final int NODE_NAME_LENGTH = 253;

  private static final Map<String, Integer> TEXTS =
      Map.of(
          "key", LABEL_KEY_LENGTH,
          "matchLabelKeys", LABEL_KEY_LENGTH,
          "mismatchLabelKeys", LABEL_KEY_LENGTH,
          "topologyKey", LABEL_KEY_LENGTH,
          "values", NODE_NAME_LENGTH);

  private static final int TERMS = 16;
  private static final int LABELS = 64;

  private static final Map<String, Integer> LISTS = Map.of("namespaces", LABELS, "values", LABELS);

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
    if (RANGES.containsKey(name)) {
      field.put("minimum", RANGES.get(name).least()).put("maximum", RANGES.get(name).most());
    }
    bound(field, name);
  }

  /** Every text, list and map has a greatest size, also inside a list or map. */
  private static void bound(ObjectNode field, String name) {
    switch (field.path("type").asText()) {
      case "string" -> {
        if (!field.has("enum")) {
          field.put("maxLength", TEXTS.getOrDefault(name, LABEL_VALUE_LENGTH));
        }
      }
      case "array" -> {
        field.put("maxItems", LISTS.getOrDefault(name, TERMS));
        bound((ObjectNode) field.get("items"), name);
      }
      case "object" -> {
        if (field.path("additionalProperties") instanceof ObjectNode values) {
          field.put("maxProperties", LABELS);
          bound(values, name);
        }
      }
      default -> {}
    }
  }

  private static void addAll(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
