package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every bound in a schema, overstepped by one: what the API server then says to a user. The bounds
 * are read from the schema, so that none is forgotten.
 */
class BoundsOfFieldsTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  private static RealApiServer server;

  @BeforeAll
  static void start() {
    server = RealApiServer.startWithCrds();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyBoundHolds() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String crd : CrdFiles.generated().values()) {
      JsonNode tree = YAML.readTree(crd);
      String kind = tree.at("/spec/names/kind").textValue();
      JsonNode spec = tree.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
      for (Bound bound : bounds(List.of("spec"), spec)) {
        tests.add(
            DynamicTest.dynamicTest(
                "%s.%s %s".formatted(kind, bound.name(), bound.keyword()),
                () -> assertHolds(kind, bound)));
      }
    }
    assertThat(tests).hasSizeGreaterThan(50);
    return tests.stream();
  }

  /**
   * One bound.
   *
   * @param path from the root, an element of a list as {@code 0}, a value of a map as {@code key}
   */
  private record Bound(List<String> path, String keyword, long limit, JsonNode schema) {

    String name() {
      return String.join(".", path).replaceAll("\\.0(?=\\.|$)", "[0]");
    }

    /** The least value that oversteps it. */
    JsonNode overstepped() {
      int over = (int) Math.min(limit + 1, Integer.MAX_VALUE);
      return switch (keyword) {
        case "maximum" -> YAML.getNodeFactory().numberNode(limit + 1);
        case "minimum" -> YAML.getNodeFactory().numberNode(limit - 1);
        case "maxLength" -> YAML.getNodeFactory().textNode("x".repeat(over));
        case "minItems" -> YAML.createArrayNode();
        case "maxItems" -> {
          ArrayNode items = YAML.createArrayNode();
          IntStream.range(0, over).forEach(i -> items.add(item(i)));
          yield items;
        }
        case "maxProperties" -> {
          ObjectNode map = YAML.createObjectNode();
          IntStream.range(0, over).forEach(i -> map.put("key" + i, "1"));
          yield map;
        }
        default -> throw new AssertionError("no test of " + keyword);
      };
    }

    private JsonNode item(int number) {
      return schema.at("/items/type").asText().equals("string")
          ? YAML.getNodeFactory().textNode("/" + number)
          : YAML.createObjectNode();
    }

    String answer() {
      return switch (keyword) {
        case "maximum" ->
            "%s: Invalid value: %d: %1$s in body should be less than or equal to %d"
                .formatted(name(), limit + 1, limit);
        case "minimum" ->
            "%s: Invalid value: %d: %1$s in body should be greater than or equal to %d"
                .formatted(name(), limit - 1, limit);
        case "maxLength" -> "%s: Too long: may not be more than %d bytes".formatted(name(), limit);
        case "minItems" ->
            "%s: Invalid value: 0: %1$s in body should have at least %d items"
                .formatted(name(), limit);
        case "maxItems", "maxProperties" ->
            "%s: Too many: %d: must have at most %d items".formatted(name(), limit + 1, limit);
        default -> throw new AssertionError("no answer to " + keyword);
      };
    }
  }

  private static List<Bound> bounds(List<String> path, JsonNode schema) {
    List<Bound> bounds = new ArrayList<>();
    schema
        .properties()
        .forEach(
            entry -> {
              if (entry.getKey().toLowerCase(Locale.ROOT).matches("(min|max).+")) {
                bounds.add(new Bound(path, entry.getKey(), entry.getValue().longValue(), schema));
              }
            });
    schema
        .path("properties")
        .properties()
        .forEach(field -> bounds.addAll(bounds(below(path, field.getKey()), field.getValue())));
    if (schema.has("items")) {
      bounds.addAll(bounds(below(path, "0"), schema.get("items")));
    }
    if (schema.path("additionalProperties").isObject()) {
      bounds.addAll(bounds(below(path, "key"), schema.get("additionalProperties")));
    }
    return bounds;
  }

  private static List<String> below(List<String> path, String name) {
    return Stream.concat(path.stream(), Stream.of(name)).toList();
  }

  private static void assertHolds(String kind, Bound bound) throws IOException {
    ObjectNode object = minimal(kind);
    put(object, bound.path(), bound.overstepped());
    var resource =
        server
            .client()
            .getKubernetesSerialization()
            .unmarshal(object.toString(), GenericKubernetesResource.class);
    resource.getMetadata().setNamespace("default");
    var refusal =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> server.client().resource(resource).dryRun().create());
    assertThat(refusal).as("the API server takes %s", object).isNotNull();
    assertThat(refusal.getStatus().getMessage()).contains(bound.answer());
  }

  private static ObjectNode minimal(String kind) throws IOException {
    Path file =
        RealApiServer.repository()
            .resolve("crds/src/test/resources/valid")
            .resolve(kind.toLowerCase(Locale.ROOT))
            .resolve("minimal.yaml");
    return (ObjectNode) YAML.readTree(file.toFile());
  }

  private static void put(JsonNode parent, List<String> path, JsonNode value) {
    String name = path.getFirst();
    if (path.size() == 1) {
      set(parent, name, value);
      return;
    }
    JsonNode child = parent.isArray() ? parent.path(0) : parent.path(name);
    if (child.isMissingNode()) {
      child = path.get(1).equals("0") ? YAML.createArrayNode() : YAML.createObjectNode();
      set(parent, name, child);
    }
    put(child, path.subList(1, path.size()), value);
  }

  private static void set(JsonNode parent, String name, JsonNode value) {
    if (parent instanceof ArrayNode list) {
      list.removeAll().add(value);
    } else {
      ((ObjectNode) parent).set(name, value);
    }
  }
}
