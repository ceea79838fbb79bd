package dev.unikernel.operator.decoding;

import static java.util.stream.Collectors.toUnmodifiableMap;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What this version of the operator takes: the part of an OpenAPI v3 schema that decides whether a
 * value can be decoded and calculated with. The CRD that is installed may be of another version.
 *
 * @param type {@code object}, {@code array}, {@code string}, {@code integer}, {@code boolean} or
 *     {@link #INT_OR_STRING}
 * @param fields of an object
 * @param items of an array's elements or a map's values; null where there are none
 * @param choices the only values of a string; empty: any
 * @param bounds by keyword: {@code minimum}, {@code maximum}, {@code maxLength}, {@code maxItems},
 *     {@code minItems}, {@code maxProperties}
 */
record Schema(
    String type,
    Map<String, Schema> fields,
    Set<String> required,
    Schema items,
    Set<String> choices,
    Map<String, Long> bounds) {
  private static final String INT_OR_STRING = "int-or-string";
  private static final int VALUE_SHOWN = 64;

  static Schema of(JsonNode openApi) {
    boolean intOrString = openApi.path("x-kubernetes-int-or-string").asBoolean();
    var items = openApi.path("items").isObject() ? "items" : "additionalProperties";
    return new Schema(
        intOrString ? INT_OR_STRING : openApi.path("type").asText(),
        openApi.path("properties").properties().stream()
            .collect(toUnmodifiableMap(Map.Entry::getKey, field -> of(field.getValue()))),
        texts(openApi.path("required")),
        openApi.path(items).isObject() ? of(openApi.get(items)) : null,
        texts(openApi.path("enum")),
        openApi.properties().stream()
            .filter(keyword -> keyword.getKey().matches("(min|max).+"))
            .collect(toUnmodifiableMap(Map.Entry::getKey, entry -> entry.getValue().longValue())));
  }

  /** Dotted paths of all fields, such as {@code spec.ports[].port}. */
  Stream<String> paths(String path) {
    return Stream.concat(
        fields.entrySet().stream()
            .flatMap(
                field -> {
                  var below = path + "." + field.getKey();
                  return Stream.concat(Stream.of(below), field.getValue().paths(below));
                }),
        items == null ? Stream.empty() : items.paths(path + "[]"));
  }

  /**
   * The first thing about this value that is not as the schema says, with the field's path. Fields
   * that the schema does not know are passed over.
   */
  Optional<String> violation(String path, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject() ? inObject(path, value) : wrongType(path, value);
      case "array" -> value.isArray() ? inArray(path, value) : wrongType(path, value);
      case "string" -> value.isTextual() ? inText(path, value.textValue()) : wrongType(path, value);
      case "boolean" -> value.isBoolean() ? Optional.empty() : wrongType(path, value);
      case "integer" -> value.isIntegralNumber() ? inNumber(path, value) : wrongType(path, value);
      case INT_OR_STRING ->
          value.isTextual()
              ? inText(path, value.textValue())
              : value.isIntegralNumber() ? inNumber(path, value) : wrongType(path, value);
      default -> Optional.empty();
    };
  }

  private Optional<String> inObject(String path, JsonNode value) {
    var missing = required.stream().filter(name -> value.path(name).isMissingNode()).sorted();
    return missing
        .findFirst()
        .map(name -> "%s.%s is missing".formatted(path, name))
        .or(() -> tooLong(path, "maxProperties", value.size(), "entries"))
        .or(
            () ->
                value.properties().stream()
                    .map(field -> ofField(path, field.getKey(), field.getValue()))
                    .flatMap(Optional::stream)
                    .findFirst());
  }

  /** A null means that the field is not set, but not so for a value in a map. */
  private Optional<String> ofField(String path, String name, JsonNode value) {
    var field = fields.get(name);
    if (field != null) {
      return value.isNull() && !required.contains(name)
          ? Optional.empty()
          : field.violation(path + "." + name, value);
    }
    return items == null ? Optional.empty() : items.violation(path + "." + name, value);
  }

  private Optional<String> inArray(String path, JsonNode value) {
    if (value.size() < bounds.getOrDefault("minItems", 0L)) {
      return Optional.of("%s has no items".formatted(path));
    }
    var elements = StreamSupport.stream(value.spliterator(), false).toList();
    return tooLong(path, "maxItems", value.size(), "items")
        .or(
            () ->
                items == null
                    ? Optional.empty()
                    : IntStream.range(0, elements.size())
                        .mapToObj(i -> items.violation(path + "[" + i + "]", elements.get(i)))
                        .flatMap(Optional::stream)
                        .findFirst());
  }

  private Optional<String> inText(String path, String value) {
    return choices.isEmpty() || choices.contains(value)
        ? tooLong(path, "maxLength", value.codePointCount(0, value.length()), "characters")
        : Optional.of(
            "%s is %s, and only %s is known"
                .formatted(
                    path,
                    shown('"' + value + '"'),
                    choices.stream().sorted().collect(Collectors.joining(" or "))));
  }

  private Optional<String> inNumber(String path, JsonNode value) {
    var number = value.decimalValue();
    for (var keyword : List.of("minimum", "maximum")) {
      var bound = bounds.get(keyword);
      if (bound != null) {
        int order = number.compareTo(BigDecimal.valueOf(bound));
        if (keyword.equals("minimum") ? order < 0 : order > 0) {
          return Optional.of(
              "%s is %s, and %d is the %s"
                  .formatted(path, shown(number.toPlainString()), bound, keyword));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> tooLong(String path, String keyword, int size, String of) {
    var most = bounds.get(keyword);
    return most == null || size <= most
        ? Optional.empty()
        : Optional.of("%s has %d %s, and %d is the maximum".formatted(path, size, of, most));
  }

  private Optional<String> wrongType(String path, JsonNode value) {
    return Optional.of(
        "%s has the type %s, not %s"
            .formatted(path, value.getNodeType().name().toLowerCase(Locale.ROOT), type));
  }

  private static String shown(String value) {
    return value.length() <= VALUE_SHOWN ? value : value.substring(0, VALUE_SHOWN) + "…";
  }

  private static Set<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.toUnmodifiableSet());
  }
}
