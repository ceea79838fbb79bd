package dev.unikernel.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What the chart makes of its values, by the real Helm. */
@EnabledIf(value = "helmIsInstalled", disabledReason = "no Helm in the cache; run `make test`")
class ChartTest {
  private static final Path HELM = RealApiServer.binary("helm");
  private static final Path CHART = RealApiServer.repository().resolve("helm/unikernel-operator");

  static boolean helmIsInstalled() {
    return Files.isExecutable(HELM);
  }

  @Test
  void theCrdsArePartOfTheReleaseAndOutliveIt() throws Exception {
    var crds = kind("CustomResourceDefinition");
    assertThat(crds).hasSize(2);
    for (var crd : crds) {
      var metadata = (ObjectNode) crd.get("metadata");
      assertThat(metadata.remove("annotations").path("helm.sh/resource-policy").asText())
          .isEqualTo("keep");
      var file = crd.at("/metadata/name").asText() + ".yaml";
      assertThat(crd)
          .isEqualTo(
              Serialization.unmarshal(
                  Files.readString(RealApiServer.repository().resolve("crds").resolve(file)),
                  JsonNode.class));
    }
    assertThat(kind("CustomResourceDefinition", "crds.keep=false"))
        .hasSize(2)
        .allSatisfy(crd -> assertThat(crd.at("/metadata").has("annotations")).isFalse());
    assertThat(kind("CustomResourceDefinition", "crds.enabled=false")).isEmpty();
  }

  @Test
  void theRolesOfTheClusterIncludeBothKinds() throws Exception {
    var roles = kind("ClusterRole").stream().filter(ChartTest::isAggregated).toList();
    assertThat(roles).hasSize(2);
    for (var role : List.of("admin", "edit", "view")) {
      var label = "rbac.authorization.k8s.io/aggregate-to-" + role;
      var verbs =
          roles.stream()
              .filter(one -> one.at("/metadata/labels").path(label).asText().equals("true"))
              .flatMap(one -> stream(one.at("/rules/0/verbs")))
              .map(JsonNode::asText)
              .toList();
      assertThat(verbs).contains("get", "list", "watch");
      assertThat(verbs.contains("create")).isEqualTo(!role.equals("view"));
    }
    assertThat(kind("ClusterRole", "userRoles.aggregate=false").stream())
        .noneMatch(ChartTest::isAggregated);
  }

  @Test
  void theOperatorRunsOnTheArchitectureOfItsImage() throws Exception {
    var selector = "/spec/template/spec/nodeSelector";
    assertThat(kind("Deployment").getFirst().at(selector).toString())
        .isEqualTo("{\"kubernetes.io/arch\":\"amd64\"}");
    assertThat(kind("Deployment", "operator.nodeSelector.pool=infra").getFirst().at(selector))
        .hasToString("{\"kubernetes.io/arch\":\"amd64\",\"pool\":\"infra\"}");
  }

  @Test
  void theLeaseLiesAtOnePlaceForAllReleases() throws Exception {
    assertThat(kind("Role")).hasSize(1);
    assertThat(kind("Role").getFirst().at("/metadata/namespace").asText()).isEqualTo("kube-system");
    assertThat(environment()).contains("UNIKERNEL_LEADER_ELECTION_NAMESPACE");
    assertThat(kind("Role", "leaderElection.namespace=")).isEmpty();
    assertThat(environment("leaderElection.namespace="))
        .doesNotContain("UNIKERNEL_LEADER_ELECTION_NAMESPACE");
  }

  private static List<String> environment(String... values) throws Exception {
    return stream(kind("Deployment", values).getFirst().at("/spec/template/spec/containers/0/env"))
        .map(variable -> variable.path("name").asText())
        .toList();
  }

  private static boolean isAggregated(JsonNode role) {
    return role.at("/metadata/labels").toString().contains("aggregate-to-");
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static List<JsonNode> kind(String kind, String... values)
      throws IOException, InterruptedException {
    return Stream.of(template(values).split("(?m)^---$", -1))
        .map(document -> Serialization.<JsonNode>unmarshal(document, JsonNode.class))
        .filter(document -> document != null && document.path("kind").asText().equals(kind))
        .toList();
  }

  private static String template(String... values) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(HELM.toString(), "template", "unikernel-operator", CHART.toString()));
    command.addAll(
        List.of("--namespace=unikernel-system", "--set=operator.image=o,builder.image=b"));
    Stream.of(values).map(value -> "--set=" + value).forEach(command::add);
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
