package dev.unikernel.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The extremes of a schema: each number at both bounds, each choice, each text, list and map at its
 * greatest size.
 */
public final class Extremes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Extremes() {}

  /**
   * One of them.
   *
   * @param path dotted, an element of a list as {@code 0}, a value of a map as {@code key}
   * @param spec the minimal one of its kind with the extreme in it
   */
  public record Extreme(String path, ObjectNode spec) {}

  /**
   * Of the spec in one of the committed CRD files.
   *
   * @param minimal a spec that has what is required
   */
  public static List<Extreme> of(String crdName, ObjectNode minimal) {
    var schema = read(crdName).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    var extremes = new ArrayList<Extreme>();
    walk(schema, List.of(), schema, minimal, extremes);
    return extremes;
  }

  private static void walk(
      JsonNode root, List<String> path, JsonNode schema, ObjectNode minimal, List<Extreme> into) {
    values(schema)
        .map(value -> new Extreme(String.join(".", path), with(root, path, value, minimal)))
        .forEach(into::add);
    schema
        .path("properties")
        .properties()
        .forEach(field -> walk(root, below(path, field.getKey()), field.getValue(), minimal, into));
    if (schema.has("items")) {
      walk(root, below(path, "0"), schema.get("items"), minimal, into);
    }
    if (schema.path("additionalProperties").isObject()) {
      walk(root, below(path, "key"), schema.get("additionalProperties"), minimal, into);
    }
  }

  private static Stream<JsonNode> values(JsonNode schema) {
    var factory = JSON.getNodeFactory();
    var values = Stream.<JsonNode>builder();
    Stream.of("minimum", "maximum").filter(schema::has).map(schema::get).forEach(values);
    schema.path("enum").forEach(values);
    if (schema.has("maxLength") && !schema.has("enum")) {
      values.add(factory.textNode("x".repeat(schema.get("maxLength").intValue())));
      values.add(factory.textNode(""));
    }
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      values.add(factory.textNode("100%"));
    }
    if (schema.has("maxItems")) {
      var list = JSON.createArrayNode();
      IntStream.range(0, schema.get("maxItems").intValue())
          .forEach(i -> list.add(sample(schema.get("items"), "/x" + i)));
      values.add(list);
      values.add(JSON.createArrayNode());
    }
    if (schema.has("maxProperties")) {
      var map = JSON.createObjectNode();
      IntStream.range(0, schema.get("maxProperties").intValue())
          .forEach(i -> map.set("key" + i, sample(schema.get("additionalProperties"), "x" + i)));
      values.add(map);
      values.add(JSON.createObjectNode());
    }
    return values.build();
  }

  /** The least that the schema takes. */
  private static JsonNode sample(JsonNode schema, String text) {
    if (schema.has("enum")) {
      return schema.get("enum").get(0);
    }
    return switch (schema.path("type").asText()) {
      case "string" -> JSON.getNodeFactory().textNode(text);
      case "integer" -> schema.get("minimum");
      case "array" -> JSON.createArrayNode();
      case "boolean" -> JSON.getNodeFactory().booleanNode(true);
      case "object" -> {
        var object = JSON.createObjectNode();
        schema
            .path("required")
            .forEach(
                name ->
                    object.set(
                        name.textValue(),
                        sample(schema.path("properties").get(name.textValue()), text)));
        yield object;
      }
      default -> schema.get("minimum");
    };
  }

  private static ObjectNode with(
      JsonNode root, List<String> path, JsonNode value, ObjectNode minimal) {
    var spec = minimal.deepCopy();
    JsonNode at = spec;
    JsonNode schema = root;
    for (int i = 0; i < path.size(); i++) {
      var name = path.get(i);
      schema = child(schema, name);
      boolean last = i == path.size() - 1;
      var there = at.isArray() ? at.path(0) : at.path(name);
      var put = last ? value : there.isMissingNode() ? sample(schema, "x") : there;
      if (at instanceof ArrayNode list) {
        list.removeAll().add(put);
      } else {
        ((ObjectNode) at).set(name, put);
      }
      at = put;
    }
    return spec;
  }

  private static JsonNode child(JsonNode schema, String name) {
    if (schema.has("items")) {
      return schema.get("items");
    }
    return schema.path("additionalProperties").isObject()
        ? schema.get("additionalProperties")
        : schema.path("properties").get(name);
  }

  private static List<String> below(List<String> path, String name) {
    return Stream.concat(path.stream(), Stream.of(name)).toList();
  }

  private static JsonNode read(String crdName) {
    var file = RealApiServer.repository().resolve("crds").resolve(crdName + ".yaml");
    try {
      return Serialization.unmarshal(Files.readString(file), JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
