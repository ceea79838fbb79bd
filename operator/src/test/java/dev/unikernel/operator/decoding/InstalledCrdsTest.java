package dev.unikernel.operator.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What an operator says at its start when its CRDs were not upgraded with it. */
class InstalledCrdsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theCrdsOfThisVersionLackNothing() throws IOException {
    assertThat(InstalledCrds.missing(served())).isEmpty();
  }

  @Test
  void fieldsThatOlderCrdsLackAreNamedOnceAndNotThoseBelow() throws IOException {
    var older = served();
    fields(older, "UnikernelImage", "/properties/status").remove("history");
    fields(older, "UnikernelService", "/properties/spec").remove(List.of("rollout", "placement"));
    fields(older, "UnikernelService", "/properties/spec/properties/resources").remove("memory");

    var missing = InstalledCrds.missing(older);
    assertThat(missing)
        .containsExactly(
            "UnikernelImage status.history",
            "UnikernelService spec.placement",
            "UnikernelService spec.resources.memory",
            "UnikernelService spec.rollout");
    assertThat(InstalledCrds.sentence(missing))
        .startsWith("The installed CRDs are older than this operator, and lack UnikernelImage")
        .contains("helm upgrade");
  }

  @Test
  void aKindThatIsNotServedYetIsNotOld() {
    assertThat(InstalledCrds.missing(JSON.createObjectNode())).isEmpty();
  }

  private static ObjectNode fields(JsonNode openApi, String kind, String pointer) {
    return (ObjectNode)
        openApi
            .path("components")
            .path("schemas")
            .path("dev.unikernel.v1alpha1." + kind)
            .at(pointer + "/properties");
  }

  /** As the API server serves the CRDs of this version. */
  private static JsonNode served() throws IOException {
    var openApi = JSON.createObjectNode();
    var schemas = openApi.putObject("components").putObject("schemas");
    for (var name : List.of("UnikernelImage", "UnikernelService")) {
      var file =
          RealApiServer.repository()
              .resolve("crds/%ss.unikernel.dev.yaml".formatted(name.toLowerCase(Locale.ROOT)));
      schemas.set(
          "dev.unikernel.v1alpha1." + name,
          new YAMLMapper()
              .readTree(Files.readString(file))
              .at("/spec/versions/0/schema/openAPIV3Schema"));
    }
    return openApi;
  }
}
