package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * What the API server says to a user. Each file under {@code invalid/} breaks one rule and starts
 * with the whole answer as a comment; each file under {@code valid/} is taken.
 */
class ValidationTest {
  private static final Path RESOURCES =
      RealApiServer.repository().resolve("crds/src/test/resources");

  private static final String STOPPED_EARLY =
      ", <nil>: Invalid value: null: some validation rules were not checked because the object was"
          + " invalid; correct the existing errors to complete validation]";

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
  Stream<DynamicTest> invalid() {
    return manifests("invalid").map(file -> test(file, () -> assertRefused(file)));
  }

  @TestFactory
  Stream<DynamicTest> valid() {
    return manifests("valid").map(file -> test(file, () -> create(file)));
  }

  /** A rule without a file that breaks it might as well not be there. */
  @Test
  void everyRuleHasItsFile() throws IOException {
    String answers = manifests("invalid").map(ValidationTest::answer).collect(Collectors.joining());
    for (String crd : CrdFiles.generated().values()) {
      JsonNode schema = new YAMLMapper().readTree(crd);
      for (JsonNode rules : schema.findValues("x-kubernetes-validations")) {
        for (JsonNode rule : rules) {
          assertThat(answers).contains(fixedPart(rule));
        }
      }
    }
  }

  private static String fixedPart(JsonNode rule) {
    return rule.has("messageExpression")
        ? rule.get("messageExpression").textValue().split("'", -1)[1]
        : rule.get("message").textValue();
  }

  private static void assertRefused(Path file) {
    var refusal = catchThrowableOfType(KubernetesClientException.class, () -> create(file));
    assertThat(refusal).as("the API server takes %s", file).isNotNull();
    assertThat(said(refusal.getStatus())).isEqualTo(answer(file));
  }

  /** What kubectl prints after the name of the object, without the remark that ends some of it. */
  private static String said(Status status) {
    String answer =
        status.getMessage().replaceFirst("^.*? is invalid: ", "").replaceAll("\\s+", " ");
    return answer.endsWith(STOPPED_EARLY)
        ? answer.substring(1, answer.length() - STOPPED_EARLY.length())
        : answer;
  }

  private static String answer(Path file) {
    return lines(file).stream()
        .takeWhile(line -> line.startsWith("# "))
        .map(line -> line.substring(2))
        .collect(Collectors.joining(" "));
  }

  private static void create(Path file) throws IOException {
    var object =
        server
            .client()
            .getKubernetesSerialization()
            .unmarshal(Files.readString(file), GenericKubernetesResource.class);
    object.getMetadata().setNamespace("default");
    server.client().resource(object).dryRun().fieldValidation(Validation.STRICT).create();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DynamicTest test(Path file, Executable test) {
    return DynamicTest.dynamicTest(RESOURCES.relativize(file).toString(), file.toUri(), test);
  }

  private static Stream<Path> manifests(String directory) {
    try (Stream<Path> files = Files.walk(RESOURCES.resolve(directory))) {
      return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
