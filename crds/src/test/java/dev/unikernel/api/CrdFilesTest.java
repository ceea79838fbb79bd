package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The committed CRD files say what the records say; {@code -Dcrds.update} writes them again. */
class CrdFilesTest {
  @TestFactory
  Stream<DynamicTest> committedFilesAreUpToDate() {
    return CrdFiles.directories().stream()
        .flatMap(
            directory ->
                CrdFiles.generated().entrySet().stream()
                    .map(
                        file -> {
                          Path path = directory.resolve(file.getKey());
                          return DynamicTest.dynamicTest(
                              RealApiServer.repository().relativize(path).toString(),
                              () -> check(path, file.getValue()));
                        }));
  }

  @Test
  void generationIsDeterministic() {
    assertThat(CrdFiles.generated()).isEqualTo(CrdFiles.generated());
  }

  /** What {@code kubectl explain} prints: one plain sentence or two. */
  @Test
  void everyFieldHasASentence() throws IOException {
    for (var file : CrdFiles.generated().entrySet()) {
      JsonNode crd = new YAMLMapper().readTree(file.getValue());
      assertSentences(file.getKey(), crd.at("/spec/versions/0/schema/openAPIV3Schema"));
    }
  }

  private static void assertSentences(String path, JsonNode schema) {
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              String below = path + "." + field.getKey();
              assertThat(field.getValue().path("description").asText())
                  .as("description of %s", below)
                  .matches("[A-Z].*\\.");
              assertSentences(below, field.getValue());
            });
    if (schema.has("items")) {
      assertSentences(path + "[]", schema.get("items"));
    }
  }

  private static void check(Path path, String expected) throws IOException {
    if (System.getProperty("crds.update") != null) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, expected);
    }
    boolean fresh = Files.exists(path) && Files.readString(path).equals(expected);
    assertThat(fresh)
        .overridingErrorMessage(
            "%s is stale: run `%s` and commit the result", path, CrdFiles.UPDATE_COMMAND)
        .isTrue();
  }
}
