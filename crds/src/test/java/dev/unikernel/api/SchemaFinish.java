package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the generator cannot be told by annotations, added to its tree. */
final class SchemaFinish {
  /** Lists that are maps by these keys, so that appliers merge them and duplicates are refused. */
  private static final Map<String, List<String>> LIST_MAP_KEYS =
      Map.of(
          "conditions", List.of("type"),
          "env", List.of("name"),
          "files", List.of("path"),
          "ports", List.of("port", "protocol"));

  private static final Set<String> LIST_SETS = Set.of("keep", "klibs");

  private static final Set<String> LONGS =
      Set.of("observedGeneration", "sizeBytes", "unpackedBytes");

  /** The greatest integer that a JSON number holds exactly. */
  private static final long EXACT = (1L << 53) - 1;

  private static final long PEBI = 1L << 50;
  private static final int PORT_MAX = 65535;
  private static final int INSTANCES_MAX = 1000;
  private static final int QUANTITY_LENGTH = 32;

  private SchemaFinish() {}

  static JsonNode of(Class<? extends CustomResource<?, ?>> kind, JsonNode crd) {
    ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
    orderColumns(kind, version);
    ObjectNode schema = (ObjectNode) version.at("/schema/openAPIV3Schema");
    schema.put("description", kind.getAnnotation(JsonClassDescription.class).value());
    ((ObjectNode) schema.at("/properties/status"))
        .putObject("default")
        .put("observedGeneration", -1);
    schema.at("/properties").properties().forEach(p -> finish(p.getKey(), p.getValue()));
    SchedulingFields.describe(schema);
    boundNumbers(schema, "");
    dropDefaults(version);
    dropRepeatedRules(schema);
    writeIntegersAsSuch(crd);
    return crd;
  }

  private static void orderColumns(Class<?> kind, ObjectNode version) {
    ArrayNode generated = (ArrayNode) version.get("additionalPrinterColumns");
    ArrayNode ordered = version.arrayNode();
    for (var column : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      for (JsonNode candidate : generated) {
        if (candidate.get("name").textValue().equals(column.name())) {
          ordered.add(candidate);
        }
      }
    }
    version.set("additionalPrinterColumns", ordered);
  }

  private static void finish(String name, JsonNode property) {
    if (property.path("type").asText().equals("array")) {
      if (LIST_MAP_KEYS.containsKey(name)) {
        ArrayNode keys =
            ((ObjectNode) property)
                .put("x-kubernetes-list-type", "map")
                .putArray("x-kubernetes-list-map-keys");
        LIST_MAP_KEYS.get(name).forEach(keys::add);
      } else if (LIST_SETS.contains(name)) {
        ((ObjectNode) property).put("x-kubernetes-list-type", "set");
      }
      finish("", property.get("items"));
    }
    property.path("properties").properties().forEach(p -> finish(p.getKey(), p.getValue()));
  }

  /**
   * A number without bounds takes all of int64, and what does not fit its Java type cannot be
   * decoded: those of the status, the number of a probe's port, and quantities written as numbers
   * have no bounds of their own.
   */
  private static void boundNumbers(JsonNode node, String name) {
    if (node instanceof ObjectNode field) {
      if (field.path("x-kubernetes-int-or-string").asBoolean()) {
        boundIntOrString(field, name);
      } else if (field.path("type").asText().equals("integer") && !field.has("maximum")) {
        boolean isLong = LONGS.contains(name);
        field.put("minimum", name.equals("observedGeneration") ? -1 : 0);
        field.put("maximum", isLong ? EXACT : Integer.MAX_VALUE);
      }
    }
    node.properties().stream()
        .filter(below -> !below.getKey().equals("anyOf"))
        .forEach(below -> boundNumbers(below.getValue(), below.getKey()));
  }

  private static void boundIntOrString(ObjectNode field, String name) {
    boolean isPort = name.equals("port");
    boolean isCount = name.startsWith("max");
    field.put("minimum", isPort ? 1 : 0);
    field.put("maximum", isPort ? PORT_MAX : isCount ? INSTANCES_MAX : PEBI);
    field.put("maxLength", QUANTITY_LENGTH);
  }

  /** What the API server drops again would differ from the file for ever. */
  private static void dropDefaults(ObjectNode version) {
    for (JsonNode column : version.get("additionalPrinterColumns")) {
      if (column.path("priority").asInt() == 0) {
        ((ObjectNode) column).remove("priority");
      }
    }
  }

  /** The generator meets a record's component twice, as field and as accessor. */
  private static void dropRepeatedRules(JsonNode node) {
    if (node instanceof ObjectNode object && object.has("x-kubernetes-validations")) {
      Set<JsonNode> distinct = new LinkedHashSet<>();
      object.get("x-kubernetes-validations").forEach(distinct::add);
      object.putArray("x-kubernetes-validations").addAll(distinct);
    }
    node.forEach(SchemaFinish::dropRepeatedRules);
  }

  private static void writeIntegersAsSuch(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().stream()
          .filter(p -> p.getValue().isDouble())
          .toList()
          .forEach(p -> object.set(p.getKey(), integer(p.getValue())));
    }
    node.forEach(SchemaFinish::writeIntegersAsSuch);
  }

  private static JsonNode integer(JsonNode number) {
    long value = number.longValue();
    if (value != number.doubleValue()) {
      return number;
    }
    return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
  }
}
