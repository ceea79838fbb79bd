package dev.unikernel.operator.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.status.Reason;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One object that does not fit is one object's problem, whichever way it comes. */
class DecodingTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final KubernetesSerialization CLIENT = client();

  private static KubernetesSerialization client() {
    new Decoding().customize(MAPPER);
    var serialization = new KubernetesSerialization(MAPPER, true);
    serialization.registerKubernetesResource(UnikernelImage.class);
    serialization.registerKubernetesResource(UnikernelService.class);
    return serialization;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/rollout/maxSurge | 3000000000 | spec.rollout.maxSurge is 3000000000, and 1000 is the maximum",
        "/rollout/maxSurge | 2147483647 | spec.rollout.maxSurge is 2147483647, and 1000 is the maximum",
        "/rollout/maxSurge | true | spec.rollout.maxSurge has the type boolean, not int-or-string",
        "/rollout/maxSurge | 1.5 | spec.rollout.maxSurge has the type number, not int-or-string",
        "/rollout/maxSurge | \"many\" | spec.rollout: maxSurge is a number of instances such as 1, or a"
            + " percentage such as \"25%\", not \"many\"",
        "/rollout/maxUnavailable | \"-5%\" | spec.rollout: maxUnavailable is a number of instances",
        "/resources | {\"memory\": \"lots\"} | spec.resources: memory is a quantity such as 256Mi or 1Gi",
        "/resources | {\"memory\": \"1e999999999\"} | spec.resources: memory is a quantity such as 256Mi or 1Gi",
        "/resources | {\"memory\": \"-1\"} | spec.resources: memory is a quantity such as 256Mi or 1Gi",
        "/rollout | [] | spec.rollout has the type array, not object",
        "/replicas | 2000000000 | spec.replicas is 2000000000, and 1000 is the maximum",
        "/replicas | -1 | spec.replicas is -1, and 0 is the minimum",
        "/replicas | 99999999999999999999 | spec.replicas is 99999999999999999999, and 1000",
        "/replicas | \"3\" | spec.replicas has the type string, not integer",
        "/ports | null | spec.ports has the type null, not array",
        "/ports | [] | spec.ports has no items",
        "/ports | [null] | spec.ports[0] has the type null, not object",
        "/ports/0/port | 70000 | spec.ports[0].port is 70000, and 65535 is the maximum",
        "/ports/0/protocol | \"SCTP\" | spec.ports[0].protocol is \"SCTP\", and only TCP or UDP is known",
        "/image | {} | spec.image.name is missing",
        "/readinessProbe | {\"httpGet\": {\"port\": 3000000000}} | spec.readinessProbe.httpGet.port is",
        "/placement | {\"kubevirt\": {\"topologySpreadConstraints\": [{\"maxSkew\": 3000000000,"
            + " \"topologyKey\": \"a\", \"whenUnsatisfiable\": \"DoNotSchedule\"}]}}"
            + " | spec.placement.kubevirt.topologySpreadConstraints[0].maxSkew is 3000000000",
        "/service | {\"labels\": {\"team\": 7}} | spec.service.labels.team has the type number",
        "/service | {\"labels\": {\"team\": null}} | spec.service.labels.team has the type null",
      })
  void aServiceSaysWhatDoesNotFit(String pointer, String value, String why) throws IOException {
    assertUndecodable(changed("unikernelservice", pointer, value), UnikernelService.class, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/architecture | \"riscv64\" | spec.architecture is \"riscv64\", and only amd64 is known",
        "/build/backoffLimit | 3000000000 | spec.build.backoffLimit is 3000000000",
        "/build/tolerations | [{\"tolerationSeconds\": -9000000000000000000}] | spec.build.tolerations[0]",
        "/build | {\"resources\": {\"limits\": {\"cpu\": \"1e999999999\"}}} | spec.build.resources: resources are",
        "/build | {\"resources\": {\"requests\": {\"memory\": \"x\"}}} | spec.build.resources: resources are",
        "/files | {} | spec.files has the type object, not array",
        "/source | \"node\" | spec.source has the type string, not object",
      })
  void anImageSaysWhatDoesNotFit(String pointer, String value, String why) throws IOException {
    assertUndecodable(changed("unikernelimage", pointer, value), UnikernelImage.class, why);
  }

  @Test
  void anObjectWithoutSpecSaysSo() throws IOException {
    var object = minimal("unikernelservice");
    object.remove("spec");
    assertUndecodable(object, UnikernelService.class, "spec is missing");
  }

  /** The decoder speaks where the schema has nothing to say. */
  @Test
  void theWordsAreBounded() throws IOException {
    var object = changed("unikernelservice", "/image/name", "\"" + "x".repeat(100_000) + "\"");
    assertThat(why(decoded(object, UnikernelService.class)))
        .contains("spec.image.name has 100000 characters, and 40 is the maximum")
        .hasSizeLessThan(1000);
    var type = changed("unikernelservice", "/ports/0/protocol", "\"" + "x".repeat(9_000) + "\"");
    assertThat(why(decoded(type, UnikernelService.class))).hasSizeLessThan(1000);
  }

  /** A key in the object that a tenant writes says nothing. */
  @Test
  void aTenantCannotSayIt() throws IOException {
    var object = minimal("unikernelservice");
    ((ObjectNode) object.get("metadata"))
        .putObject("annotations")
        .put("unikernel.dev/undecodable", "a lie")
        .put("team", "a");
    var service = decoded(object, UnikernelService.class);
    assertThat(service.getSpec()).isNotNull();
    assertThat(service.getMetadata().getAnnotations()).containsOnlyKeys("team");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"replicas\": 3000000000}",
        "{\"conditions\": [null]}",
        "{\"conditions\": [{\"status\": \"True\"}]}",
        "{\"conditions\": {}}",
        "{\"instances\": [{\"restarts\": \"often\"}]}",
        "[]",
        "\"gone\"",
      })
  void aStatusThatDoesNotFitIsLeftOut(String status) throws IOException {
    var object = minimal("unikernelservice");
    object.set("status", MAPPER.readTree(status));
    var service = decoded(object, UnikernelService.class);
    assertThat(service.getSpec()).isNotNull();
    assertThat(service.getStatus()).isNull();
  }

  @Test
  void aStatusThatFitsStaysWhenTheSpecDoesNot() throws IOException {
    var object = changed("unikernelservice", "/replicas", "3000000000");
    object.set("status", MAPPER.readTree("{\"revision\": \"r1\", \"futureField\": {}}"));
    assertThat(decoded(object, UnikernelService.class).getStatus().revision()).isEqualTo("r1");
  }

  @TestFactory
  Stream<DynamicTest> whatTheSchemaTakesIsDecoded() throws IOException {
    try (var files =
        Files.walk(RealApiServer.repository().resolve("crds/src/test/resources/valid"))) {
      return files
          .filter(Files::isRegularFile)
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(), () -> assertDecodable(file)))
          .toList()
          .stream();
    }
  }

  /** A newer CRD may know more. */
  @Test
  void unknownFieldsArePassedOver() throws IOException {
    var object = changed("unikernelservice", "/rollout", "{\"strategy\": {\"canary\": [1, 2]}}");
    assertThat(decoded(object, UnikernelService.class).getSpec()).isNotNull();
  }

  private static void assertDecodable(Path file) throws IOException {
    var object = CLIENT.unmarshal(Files.readString(file), ObjectNode.class);
    Class<? extends CustomResource<?, ?>> kind =
        object.get("kind").asText().equals("UnikernelImage")
            ? UnikernelImage.class
            : UnikernelService.class;
    var decoded = CLIENT.unmarshal(object.toString(), kind);
    assertThat(decoded.getSpec()).isNotNull();
    assertThat(Undecodable.outcome(decoded, Reason.Shared.Retrying)).isEmpty();
    assertThat(CLIENT.clone(decoded)).isEqualTo(decoded);
  }

  /** By a single object, by a copy of it, in a list and in a watch. */
  private static <R extends CustomResource<?, ?>> void assertUndecodable(
      ObjectNode object, Class<R> kind, String why) throws JsonProcessingException {
    var single = decoded(object, kind);
    assertThat(single.getMetadata().getName()).isEqualTo("hello");
    assertThat(single.getSpec()).isNull();
    assertThat(why(single)).contains("cannot read this object: " + why);
    assertThat(why(CLIENT.clone(CLIENT.clone(single)))).isEqualTo(why(single));

    var list = MAPPER.createObjectNode();
    list.putArray("items").add(object);
    DefaultKubernetesResourceList<R> items =
        MAPPER.readValue(
            list.toString(),
            MAPPER
                .getTypeFactory()
                .constructParametricType(DefaultKubernetesResourceList.class, kind));
    assertThat(why(items.getItems().getFirst())).isEqualTo(why(single));

    var event = MAPPER.createObjectNode().put("type", "ADDED").set("object", object);
    var watched = CLIENT.unmarshal(event.toString(), WatchEvent.class).getObject();
    assertThat(why(kind.cast(watched))).isEqualTo(why(single));
  }

  private static String why(CustomResource<?, ?> resource) {
    return Undecodable.outcome(resource, Reason.Shared.Retrying).orElseThrow().message();
  }

  private static <R extends CustomResource<?, ?>> R decoded(ObjectNode object, Class<R> kind) {
    return CLIENT.unmarshal(object.toString(), kind);
  }

  private static ObjectNode changed(String kind, String pointer, String value) throws IOException {
    var object = minimal(kind);
    int end = pointer.lastIndexOf('/');
    var parent = object.at("/spec" + pointer.substring(0, end));
    if (parent.isMissingNode()) {
      parent = ((ObjectNode) object.get("spec")).putObject(pointer.substring(1, end));
    }
    ((ObjectNode) parent).set(pointer.substring(end + 1), MAPPER.readTree(value));
    return object;
  }

  private static ObjectNode minimal(String kind) throws IOException {
    return (ObjectNode)
        new YAMLMapper()
            .readTree(
                RealApiServer.repository()
                    .resolve("crds/src/test/resources/valid")
                    .resolve(kind)
                    .resolve("minimal.yaml")
                    .toFile());
  }
}
