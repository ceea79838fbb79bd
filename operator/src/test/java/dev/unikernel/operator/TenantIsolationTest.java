package dev.unikernel.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.kubevirt.PlayedKubeVirt;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.testing.Administrator;
import dev.unikernel.operator.testing.ApiServerResource;
import dev.unikernel.operator.testing.Extremes;
import dev.unikernel.operator.testing.StallingProxy;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Whatever tenant B does in its namespace, A's service is created, scaled and rolled out; on a real
 * API server, while the test plays KubeVirt.
 */
@QuarkusTest
@QuarkusTestResource(
    value = ApiServerResource.class,
    restrictToAnnotatedClass = true,
    initArgs = @ResourceArg(name = ApiServerResource.PROXY, value = "true"))
@EnabledIf(
    value = "dev.unikernel.api.testing.RealApiServer#isInstalled",
    disabledReason = "no Kubernetes binaries in the cache; run `make test`")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TenantIsolationTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IMAGES = "unikernelimages.unikernel.dev";
  private static final String SERVICES = "unikernelservices.unikernel.dev";

  private static final String IMAGE =
      """
      {"source": {"image": {"reference": "registry.example/node:20"}}, "kernel": {"name": "nanos"},
       "publish": {"registry": {"repository": "registry.example/hello"}}}""";

  private static final String SERVICE =
      """
      {"image": {"name": "hello"}, "replicas": %d,
       "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]}""";

  /** Parts of a spec that the schema of another version may take, by the service's name. */
  private static final Map<String, String> WILD =
      Map.ofEntries(
          Map.entry("surge", "{\"rollout\": {\"maxSurge\": 3000000000}}"),
          Map.entry("unavailable", "{\"rollout\": {\"maxUnavailable\": -9000000000000000000}}"),
          Map.entry("replicas", "{\"replicas\": 2000000000}"),
          Map.entry("text", "{\"rollout\": {\"maxSurge\": \"many\"}}"),
          Map.entry("ports", "{\"ports\": null}"),
          Map.entry("port", "{\"ports\": [{\"port\": 99999999999}]}"),
          Map.entry("protocol", "{\"ports\": [{\"port\": 1, \"protocol\": \"QUIC\"}]}"),
          Map.entry("image", "{\"image\": [\"hello\"]}"),
          Map.entry("probe", "{\"readinessProbe\": {\"tcpSocket\": {\"port\": 5000000000}}}"),
          Map.entry("rollout", "{\"rollout\": \"fast\"}"));

  private static boolean prepared;

  @Administrator KubernetesClient client;
  StallingProxy proxy;
  @Inject Operator operator;
  @Inject InformerWatch watches;
  private PlayedKubeVirt kubevirt;

  @BeforeEach
  void start() throws JsonProcessingException {
    kubevirt = new PlayedKubeVirt(client, "a");
    if (!prepared) {
      prepared = true;
      List.of("a", "b", "c", "d").forEach(this::namespace);
      PlayedKubeVirt.install(client);
      leaveBehindWhatAnotherSchemaTook();
      operator.start();
    }
  }

  @Test
  @Order(1)
  void everythingThatTheSchemaTakes() throws JsonProcessingException {
    build("b", "hello", "a");
    var services = Extremes.of(SERVICES, (ObjectNode) JSON.readTree(SERVICE.formatted(1)));
    var images = Extremes.of(IMAGES, (ObjectNode) JSON.readTree(IMAGE));
    int taken = 0;
    for (int i = 0; i < services.size(); i++) {
      var extreme = services.get(i);
      if (extreme.path().equals("replicas")) {
        // Too many machines for a test; that they are planned well is the planner's tests' matter.
        ((ObjectNode) extreme.spec().get("image")).put("name", "none");
      } else if (extreme.path().contains("affinity")) {
        extreme.spec().put("replicas", 0);
      }
      taken += create("UnikernelService", "b", "s" + i, extreme.spec()) ? 1 : 0;
    }
    for (int i = 0; i < images.size(); i++) {
      taken += create("UnikernelImage", "b", "i" + i, images.get(i).spec()) ? 1 : 0;
    }
    assertThat(taken).as("objects that the schema takes").isGreaterThan(100);

    serveScaleAndRollOut();
    assertThat(watches.call().getStatus()).isEqualTo(Status.UP);
    awaitInvalid("UnikernelService", "d", "surge", "spec.rollout.maxSurge is 3000000000");
    await("every service of b was reconciled")
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(list("UnikernelService", "b"))
                    .allSatisfy(one -> assertThat(observed(one)).isPositive()));
    client.resources(UnikernelService.class).inNamespace("b").delete();
    client.resources(UnikernelImage.class).inNamespace("b").delete();
  }

  @Test
  @Order(2)
  void requestsThatAreNotAnswered() throws JsonProcessingException {
    proxy.stall(path -> path.contains("/namespaces/c/"));
    build("c", "hello", "a");
    for (int i = 0; i < 120; i++) {
      create("UnikernelService", "c", "s" + i, JSON.readTree(SERVICE.formatted(1)));
    }
    await("requests of c have no answer").atMost(LONG).until(() -> proxy.stalled() >= 10);

    serveScaleAndRollOut();
    assertThat(watches.call().getStatus()).isEqualTo(Status.UP);

    proxy.stall(path -> false);
    await("c is served once it is answered")
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(list("UnikernelService", "c"))
                    .allSatisfy(one -> assertThat(observed(one)).isPositive()));
    client.resources(UnikernelService.class).inNamespace("c").delete();
  }

  /** As of a CRD that is older or newer than the operator. */
  @Test
  @Order(3)
  void everythingThatAnotherSchemaTakes() throws JsonProcessingException {
    loosen(SERVICES);
    loosen(IMAGES);
    createWild("b");
    var image = (ObjectNode) JSON.readTree(IMAGE);
    image.put("architecture", "riscv64");
    await().atMost(LONG).until(() -> create("UnikernelImage", "b", "arch", image));
    create("UnikernelImage", "b", "tampered", JSON.readTree(IMAGE));
    tamper(
        "b",
        "tampered",
        "UnikernelImage",
        "{\"status\": {\"artifact\": {\"sizeBytes\": \"large\"}, \"history\": [7]}}");

    for (var name : WILD.keySet()) {
      awaitInvalid("UnikernelService", "b", name, "spec.");
    }
    awaitInvalid(
        "UnikernelService", "b", "text", "spec.rollout: maxSurge is a number of instances");
    awaitInvalid("UnikernelImage", "b", "arch", "spec.architecture is \"riscv64\"");
    serveScaleAndRollOut();
    assertThat(watches.call().getStatus()).isEqualTo(Status.UP);

    tamper("a", "hello", "UnikernelService", "{\"status\": {\"conditions\": []}}");
    awaitServing(2, "b");
  }

  /**
   * The operator starts all the same, and where the schema lets it write the status, it says so.
   */
  private void leaveBehindWhatAnotherSchemaTook() throws JsonProcessingException {
    var strict = client.resources(CustomResourceDefinition.class).withName(SERVICES).get();
    loosen(SERVICES);
    createWild("d");
    client
        .resources(CustomResourceDefinition.class)
        .withName(SERVICES)
        .edit(
            loose -> {
              loose.setSpec(strict.getSpec());
              return loose;
            });
    var refused = wild("surge");
    await("the API server is strict again")
        .atMost(LONG)
        .until(() -> !create("UnikernelService", "d", "late-" + System.nanoTime(), refused));
  }

  private void createWild(String namespace) throws JsonProcessingException {
    for (var name : WILD.keySet()) {
      var spec = wild(name);
      await("the API server takes " + name)
          .atMost(LONG)
          .until(() -> create("UnikernelService", namespace, name, spec));
    }
  }

  private static ObjectNode wild(String name) throws JsonProcessingException {
    var spec = (ObjectNode) JSON.readTree(SERVICE.formatted(1));
    spec.setAll((ObjectNode) JSON.readTree(WILD.get(name)));
    return spec;
  }

  /** A's service as its users want it. */
  private void serveScaleAndRollOut() throws JsonProcessingException {
    client.resources(UnikernelService.class).inNamespace("a").delete();
    await("the last service of a is gone")
        .atMost(LONG)
        .until(
            () -> {
              client
                  .genericKubernetesResources("kubevirt.io/v1", "VirtualMachine")
                  .inNamespace("a")
                  .delete();
              client.services().inNamespace("a").delete(); // no controller collects garbage here
              kubevirt.move();
              return kubevirt.machines().isEmpty();
            });
    build("a", "hello", "a");
    create("UnikernelService", "a", "hello", JSON.readTree(SERVICE.formatted(1)));
    awaitServing(1, "a");
    client.resources(UnikernelService.class).inNamespace("a").withName("hello").scale(2);
    awaitServing(2, "a");
    build("a", "hello", "b");
    awaitServing(2, "b");
  }

  private void awaitServing(int replicas, String digit) {
    await("%d instances of build %s".formatted(replicas, digit))
        .atMost(LONG)
        .untilAsserted(
            () -> {
              build("a", "hello", digit);
              kubevirt.move();
              var service =
                  client.resources(UnikernelService.class).inNamespace("a").withName("hello").get();
              var status = service.getStatus();
              assertThat(status).isNotNull();
              assertThat(
                      ConditionSet.ready(
                          status.conditions(), service.getMetadata().getGeneration()))
                  .as("%s", status)
                  .isTrue();
              assertThat(status.readyReplicas()).isEqualTo(replicas);
              assertThat(status.image().digest()).isEqualTo(digest(digit));
            });
  }

  private void awaitInvalid(String kind, String namespace, String name, String words) {
    await(kind + " " + name + " is Invalid")
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(conditions(get(kind, namespace, name)))
                    .anySatisfy(
                        condition -> {
                          assertThat(condition.path("type").asText()).isEqualTo("Stalled");
                          assertThat(condition.path("reason").asText()).isEqualTo("Invalid");
                          assertThat(condition.path("message").asText()).contains(words);
                        }));
  }

  private void namespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  /**
   * An image of this name whose newest build is this one. A pass that is under way may still write
   * what it saw before.
   */
  private void build(String namespace, String name, String digit) throws JsonProcessingException {
    var known = client.resources(UnikernelImage.class).inNamespace(namespace).withName(name).get();
    if (known != null
        && known.getStatus() != null
        && known.getStatus().artifact() != null
        && digest(digit).equals(known.getStatus().artifact().digest())) {
      return;
    }
    var image = object("UnikernelImage", namespace, name, JSON.readTree(IMAGE));
    image.setAdditionalProperty(
        "status",
        JSON.readTree(
            """
            {"artifact": {"registry": "registry.example/hello@%1$s", "digest": "%1$s",
              "kernel": "nanos"},
             "history": [{"inputs": "%1$s", "builtAt": "2026-01-01T00:00:00Z",
              "artifact": {"registry": "registry.example/hello@%1$s", "digest": "%1$s",
              "kernel": "nanos"}}]}"""
                .formatted(digest(digit))));
    var forced =
        new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withForce(true);
    client.resource(image).forceConflicts().serverSideApply();
    client.resource(image).subresource("status").patch(forced.build(), image);
  }

  private static String digest(String digit) {
    return "sha256:" + digit.repeat(64);
  }

  private void tamper(String namespace, String name, String kind, String status) {
    client
        .genericKubernetesResources("unikernel.dev/v1alpha1", kind)
        .inNamespace(namespace)
        .withName(name)
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), status);
  }

  /** Takes any spec and any status from now on. */
  private void loosen(String crdName) {
    client
        .resources(CustomResourceDefinition.class)
        .withName(crdName)
        .edit(
            crd -> {
              var any =
                  new JSONSchemaPropsBuilder()
                      .withType("object")
                      .withXKubernetesPreserveUnknownFields(true)
                      .build();
              crd.getSpec().getVersions().getFirst().getSchema().setOpenAPIV3Schema(any);
              return crd;
            });
  }

  private boolean create(String kind, String namespace, String name, JsonNode spec) {
    try {
      client.resource(object(kind, namespace, name, spec)).create();
      return true;
    } catch (KubernetesClientException refused) {
      return false;
    }
  }

  private static GenericKubernetesResource object(
      String kind, String namespace, String name, JsonNode spec) {
    var object = new GenericKubernetesResource();
    object.setApiVersion("unikernel.dev/v1alpha1");
    object.setKind(kind);
    object.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    object.setAdditionalProperty("spec", spec);
    return object;
  }

  private List<GenericKubernetesResource> list(String kind, String namespace) {
    return client
        .genericKubernetesResources("unikernel.dev/v1alpha1", kind)
        .inNamespace(namespace)
        .list()
        .getItems();
  }

  private GenericKubernetesResource get(String kind, String namespace, String name) {
    return client
        .genericKubernetesResources("unikernel.dev/v1alpha1", kind)
        .inNamespace(namespace)
        .withName(name)
        .get();
  }

  private static JsonNode conditions(GenericKubernetesResource resource) {
    return JSON.valueToTree(resource).path("status").path("conditions");
  }

  private static long observed(GenericKubernetesResource resource) {
    return JSON.valueToTree(resource).path("status").path("observedGeneration").asLong();
  }
}
