package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.backend.kubevirt.KubeVirtBackend;
import dev.unikernel.operator.backend.kubevirt.PlayedKubeVirt;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.service.ForcedAnswers.Answer;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.testing.Patience;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The service reconciler gets over what an API server in trouble answers, and says so meanwhile.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForcedAnswersTest {
  /** How often the client itself sends a request that gets an answer of 500 or more. */
  private static final int TRIES = 4;

  private static int namespaces;

  private static RealApiServer server;
  private static ForcedAnswers forced;
  private static KubernetesClient client;
  private static Operator operator;

  private String namespace;
  private PlayedKubeVirt kubevirt;

  @BeforeAll
  static void start() {
    server = RealApiServer.startWithCrds();
    PlayedKubeVirt.install(server.client());
    forced = new ForcedAnswers();
    forced.force(1, "GET", "/unikernelservices?allowWatchBookmarks", Answer.GONE);
    client = forced.client(server.client().getConfiguration(), TRIES);
    var clock = Clock.systemUTC();
    operator = new Operator(settings -> settings.withKubernetesClient(client));
    operator.register(
        new UnikernelServiceReconciler(
            new KubeVirtBackend(), new Story(new Events(client, clock)), clock));
    operator.start();
  }

  @AfterAll
  static void stop() {
    if (operator != null) {
      operator.stop();
      client.close();
      forced.close();
      server.close();
    }
  }

  @BeforeEach
  void newNamespace() {
    namespace = "forced-" + ++namespaces;
    kubevirt = new PlayedKubeVirt(server.client(), namespace);
    server
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    image();
  }

  @Test
  @Order(1)
  void aWatchThatIsToldGoneListsAgainAndMissesNothing() {
    service(1);
    awaitServing(1);
    assertThat(forced.spent()).isTrue();
  }

  @Test
  @Order(2)
  void aConflictOnTheStatusIsGotOver() {
    forced.force(3, "PATCH", "/" + namespace + "/unikernelservices/hello/status", Answer.CONFLICT);
    service(2);
    awaitServing(2);
    assertThat(forced.spent()).isTrue();
  }

  @Test
  @Order(3)
  void anInstanceThatCannotBeCreatedNowIsToldInTheServersWordsAndCreatedLater() {
    forced.force(2 * TRIES, "POST", "/" + namespace + "/virtualmachines", Answer.WEBHOOK_DOWN);
    service(1);

    var retrying = awaitCondition(ConditionSet.RECONCILING, "Retrying");
    assertThat(retrying.message())
        .isEqualTo("The API server answered: failed calling webhook \"virtualmachine-validator\"");

    awaitServing(1);
    assertThat(forced.spent()).isTrue();
  }

  @Test
  @Order(4)
  void aServiceThatCannotBeWrittenNowHoldsUpNoInstance() {
    forced.force(2 * TRIES, "PATCH", "/" + namespace + "/services/hello", Answer.UNAVAILABLE);
    service(1);

    var waiting = awaitCondition(ConditionSet.RECONCILING, "Retrying");
    assertThat(waiting.message())
        .isEqualTo("The API server answered: the server is currently unable to handle the request");
    assertThat(kubevirt.machines()).hasSize(1);

    awaitServing(1);
    assertThat(forced.spent()).isTrue();
  }

  /** Another client has written the machine since it failed a second time. */
  @Test
  @Order(5)
  void aConflictWhenAFailedInstanceIsHeldIsGotOverAndNotTold() {
    service(1);
    awaitServing(1);
    var first = machine();
    kubevirt.powerOff(first);
    await()
        .atMost(Patience.LIMIT)
        .until(
            () -> {
              kubevirt.move();
              return !machine().equals(first);
            });
    awaitServing(1);

    forced.force(2, "PATCH", "/" + namespace + "/virtualmachines/", Answer.CONFLICT);
    kubevirt.powerOff(machine());

    await().atMost(Patience.LIMIT).until(forced::spent);
    await()
        .atMost(Patience.LIMIT)
        .until(() -> events().stream().anyMatch(one -> one.getReason().equals("InstanceHeld")));
    assertThat(events()).noneMatch(one -> one.getMessage().contains("has been modified"));
  }

  private List<Event> events() {
    return server.client().v1().events().inNamespace(namespace).list().getItems();
  }

  /** The only one, or the newest of them. */
  private String machine() {
    return kubevirt.machines().stream()
        .map(machine -> machine.getMetadata().getName())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private void awaitServing(int replicas) {
    await()
        .atMost(Patience.LIMIT)
        .until(
            () -> {
              kubevirt.move();
              return condition(ConditionSet.READY)
                  .filter(ready -> ready.status().equals("True"))
                  .filter(ready -> get().getStatus().availableReplicas() == replicas)
                  .isPresent();
            });
  }

  private Condition awaitCondition(String type, String reason) {
    return await()
        .atMost(Patience.LIMIT)
        .until(
            () -> condition(type),
            found -> found.filter(one -> one.reason().equals(reason)).isPresent())
        .orElseThrow();
  }

  private Optional<Condition> condition(String type) {
    return Optional.ofNullable(get().getStatus())
        .flatMap(status -> ConditionSet.find(status.conditions(), type));
  }

  private UnikernelService get() {
    return server
        .client()
        .resources(UnikernelService.class)
        .inNamespace(namespace)
        .withName("hello")
        .get();
  }

  private void service(int replicas) {
    server
        .client()
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: unikernel.dev/v1alpha1
                kind: UnikernelService
                metadata: {name: hello, namespace: %s}
                spec:
                  image: {name: hello}
                  replicas: %d
                  ports: [{name: http, port: 80, targetPort: 8080}]
                """
                    .formatted(namespace, replicas),
                UnikernelService.class))
        .create();
  }

  private void image() {
    var image =
        Serialization.unmarshal(
            """
            apiVersion: unikernel.dev/v1alpha1
            kind: UnikernelImage
            metadata: {name: hello, namespace: %1$s}
            spec:
              source: {image: {reference: registry.example/node:20}}
              publish: {registry: {repository: registry.example/hello}}
            status:
              artifact:
                registry: registry.example/hello@%2$s
                digest: %2$s
                kernel: nanos
            """
                .formatted(namespace, "sha256:" + "a".repeat(64)),
            UnikernelImage.class);
    server.client().resource(image).serverSideApply();
    server
        .client()
        .resource(image)
        .subresource("status")
        .patch(
            new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).build(), image);
  }
}
