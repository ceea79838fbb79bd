package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample that promises every field keeps its word; that all are taken is in ServedApiTest. */
class SamplesTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  private static final Path SAMPLES = RealApiServer.repository().resolve("config/samples");

  private static final Set<String> TAKEN_OVER_FROM_KUBERNETES =
      Set.of("affinity", "tolerations", "topologySpreadConstraints");

  @Test
  void allFieldsHasEveryField() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (JsonNode document : allFields()) {
      addShown(document.get("kind").textValue(), document.path("spec"), shown);
    }
    Set<String> known = new TreeSet<>();
    for (String crd : CrdFiles.generated().values()) {
      JsonNode tree = YAML.readTree(crd);
      addKnown(
          tree.at("/spec/names/kind").textValue(),
          tree.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"),
          known);
    }
    assertThat(shown).containsAll(known);
  }

  /** The records leave out nothing that the schema knows, and add nothing. */
  @ParameterizedTest
  @ValueSource(classes = {UnikernelImage.class, UnikernelService.class})
  void recordsHoldEveryField(Class<?> kind) throws IOException {
    var mapper = new KubernetesSerialization();
    assertThat(allFields())
        .filteredOn(document -> document.get("kind").textValue().equals(kind.getSimpleName()))
        .hasSize(1)
        .allSatisfy(
            document -> {
              Object read = mapper.unmarshal(YAML.writeValueAsString(document), kind);
              JsonNode written = YAML.readTree(mapper.asYaml(read));
              assertThat(written.path("spec")).isEqualTo(document.path("spec"));
            });
  }

  private static List<JsonNode> allFields() throws IOException {
    try (var documents =
        YAML.readerFor(JsonNode.class)
            .<JsonNode>readValues(SAMPLES.resolve("all-fields.yaml").toFile())) {
      return documents.readAll();
    }
  }

  private static void addKnown(String path, JsonNode schema, Set<String> known) {
    JsonNode object = schema.has("items") ? schema.get("items") : schema;
    object
        .path("properties")
        .properties()
        .forEach(
            field -> {
              String below = below(path, field.getKey());
              known.add(below);
              if (!TAKEN_OVER_FROM_KUBERNETES.contains(field.getKey())) {
                addKnown(below, field.getValue(), known);
              }
            });
  }

  private static void addShown(String path, JsonNode value, Set<String> shown) {
    if (value.isArray()) {
      value.forEach(element -> addShown(path, element, shown));
    }
    value
        .properties()
        .forEach(
            field -> {
              String below = below(path, field.getKey());
              shown.add(below);
              addShown(below, field.getValue(), shown);
            });
  }

  /** Both probes have the same shape: each shows the handler that the other leaves out. */
  private static String below(String path, String field) {
    String name = field.endsWith("Probe") ? "probe" : field;
    return path + "." + name;
  }
}
