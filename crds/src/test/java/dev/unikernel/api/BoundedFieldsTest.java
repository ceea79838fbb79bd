package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No field of a schema is without bounds: the API server stores any int64 as an {@code integer},
 * and what it stores the operator has to decode, hold in memory and calculate with.
 */
class BoundedFieldsTest {
  /** Fields whose Java type is {@code Long} or {@code Quantity}; all others are {@code Integer}. */
  private static final Set<String> WIDE =
      Set.of(
          "observedGeneration", "sizeBytes", "unpackedBytes", "memory", "requests{}", "limits{}");

  /** Of a field that only the operator writes. */
  private static final String STATUS = ".status";

  static List<String> crds() {
    return List.copyOf(CrdFiles.generated().values());
  }

  @ParameterizedTest
  @MethodSource("crds")
  void everyNumberFitsItsJavaType(String crd) throws IOException {
    assertThat(fields(crd).stream().filter(Field::isNumber))
        .hasSizeGreaterThan(10)
        .allSatisfy(field -> assertThat(field.isBoundedNumber()).as(field.path()).isTrue());
  }

  @ParameterizedTest
  @MethodSource("crds")
  void everyTextListAndMapOfTheSpecHasAGreatestSize(String crd) throws IOException {
    assertThat(fields(crd).stream().filter(field -> !field.path().startsWith(STATUS)))
        .hasSizeGreaterThan(20)
        .allSatisfy(field -> assertThat(field.isBoundedSize()).as(field.path()).isTrue());
  }

  /**
   * @param path such as {@code .spec.ports[].port}; a value of a map ends in <code>{}</code>
   */
  private record Field(String path, JsonNode schema) {

    boolean isNumber() {
      return Set.of("integer", "number").contains(type()) || isIntOrString();
    }

    boolean isBoundedNumber() {
      if (!schema.path("minimum").isNumber() || !schema.path("maximum").isNumber()) {
        return false;
      }
      boolean wide = WIDE.contains(path.substring(path.lastIndexOf('.') + 1));
      long most = wide ? 1L << 53 : Integer.MAX_VALUE;
      return schema.get("minimum").longValue() >= -most
          && schema.get("maximum").longValue() <= most;
    }

    boolean isBoundedSize() {
      return switch (type()) {
        case "string" -> schema.has("maxLength") || schema.has("enum");
        case "array" -> schema.has("maxItems");
        case "object" -> !schema.has("additionalProperties") || schema.has("maxProperties");
        default -> !isIntOrString() || schema.has("maxLength");
      };
    }

    private String type() {
      return schema.path("type").asText();
    }

    private boolean isIntOrString() {
      return schema.path("x-kubernetes-int-or-string").asBoolean();
    }
  }

  private static List<Field> fields(String crd) throws IOException {
    JsonNode root =
        new YAMLMapper().readTree(crd).at("/spec/versions/0/schema/openAPIV3Schema/properties");
    List<Field> fields = new ArrayList<>();
    root.properties().forEach(field -> add("." + field.getKey(), field.getValue(), fields));
    return fields;
  }

  private static void add(String path, JsonNode schema, List<Field> fields) {
    fields.add(new Field(path, schema));
    schema
        .path("properties")
        .properties()
        .forEach(field -> add(path + "." + field.getKey(), field.getValue(), fields));
    if (schema.has("items")) {
      add(path + "[]", schema.get("items"), fields);
    }
    if (schema.path("additionalProperties").isObject()) {
      add(path + "{}", schema.get("additionalProperties"), fields);
    }
  }
}
