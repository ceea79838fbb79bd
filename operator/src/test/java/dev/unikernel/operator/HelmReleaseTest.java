package dev.unikernel.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A release on a real API server by the real Helm, as the README tells it: one step after the
 * other.
 */
@EnabledIf(
    value = "dev.unikernel.operator.ChartTest#helmIsInstalled",
    disabledReason = "no Helm in the cache; run `make test`")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HelmReleaseTest {
  private static final String IMAGES = "unikernelimages.unikernel.dev";
  private static final String NEW = "surface";

  @TempDir static Path directory;
  private static RealApiServer server;
  private static Path kubeconfig;

  @BeforeAll
  static void start() throws IOException {
    server = RealApiServer.start();
    kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
    var older =
        Serialization.unmarshal(
            Files.readString(RealApiServer.repository().resolve("crds/" + IMAGES + ".yaml")),
            CustomResourceDefinition.class);
    assertThat(statusOf(older).getProperties().remove(NEW)).isNotNull();
    server.client().resource(older).create();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  @Order(1)
  void crdsOfAnotherOwnerAreNotOverwritten() throws Exception {
    var refused = helm(upgrade());
    assertThat(refused.code()).as(refused.output()).isNotZero();
    assertThat(refused.output()).contains(IMAGES).contains("invalid ownership metadata");
  }

  @Test
  @Order(2)
  void theyAreTakenOverAndUpgradedWhenAskedTo() throws Exception {
    assertThat(statusOf(installed()).getProperties()).doesNotContainKey(NEW);
    var command = new ArrayList<>(upgrade());
    command.add("--take-ownership");
    if (helm(List.of("version", "--short")).output().startsWith("v4")) {
      command.add("--force-conflicts");
    }
    var taken = helm(command);
    assertThat(taken.code()).as(taken.output()).isZero();
    assertThat(statusOf(installed()).getProperties()).containsKey(NEW);
  }

  @Test
  @Order(3)
  void theNextUpgradeNeedsNoFlagAndChangesNothingOfThem() throws Exception {
    var before = installed().getMetadata().getGeneration();
    var again = helm(upgrade());
    assertThat(again.code()).as(again.output()).isZero();
    assertThat(installed().getMetadata().getGeneration()).isEqualTo(before);
  }

  @Test
  @Order(4)
  void theyOutliveTheRelease() throws Exception {
    var removed = helm(List.of("uninstall", "unikernel-operator", "--namespace=unikernel-system"));
    assertThat(removed.code()).as(removed.output()).isZero();
    assertThat(installed()).isNotNull();
    assertThat(server.client().apps().deployments().inAnyNamespace().list().getItems()).isEmpty();
  }

  private static CustomResourceDefinition installed() {
    return server.client().resources(CustomResourceDefinition.class).withName(IMAGES).get();
  }

  private static JSONSchemaProps statusOf(CustomResourceDefinition crd) {
    return crd.getSpec()
        .getVersions()
        .getFirst()
        .getSchema()
        .getOpenAPIV3Schema()
        .getProperties()
        .get("status");
  }

  private static List<String> upgrade() {
    return List.of(
        "upgrade",
        "--install",
        "unikernel-operator",
        RealApiServer.repository().resolve("helm/unikernel-operator").toString(),
        "--namespace=unikernel-system",
        "--create-namespace",
        "--set=operator.image=o,builder.image=b");
  }

  private record Ended(int code, String output) {}

  private static Ended helm(List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(RealApiServer.binary("helm").toString()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("HELM_CACHE_HOME", directory.resolve("cache").toString());
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
