package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.kubevirt.PlayedKubeVirt;
import dev.unikernel.operator.backend.kubevirt.VirtualMachine;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.testing.Administrator;
import dev.unikernel.operator.testing.ApiServerResource;
import dev.unikernel.operator.testing.Patience;
import dev.unikernel.operator.testing.Rights;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;

/** The whole service reconciler on a real API server; the test plays KubeVirt. */
@QuarkusTest
@QuarkusTestResource(value = ApiServerResource.class, restrictToAnnotatedClass = true)
@EnabledIf(
    value = "dev.unikernel.api.testing.RealApiServer#isInstalled",
    disabledReason = "no Kubernetes binaries in the cache; run `make test`")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServiceOnRealServerTest {
  private static int namespaces;

  @Administrator KubernetesClient client;
  @Inject Operator operator;
  @Inject KubernetesClient operators;
  private PlayedKubeVirt kubevirt;
  private String namespace;

  @AfterAll
  static void everyRightOfThisRoomWasUsed() {
    Rights.assertUsed("service");
    Rights.assertListsAreLimited();
  }

  @BeforeEach
  void newNamespace() {
    if (!operator.getRuntimeInfo().isStarted()) {
      operator.start();
    }
    Awaitility.setDefaultTimeout(Patience.LIMIT);
    namespace = "services-" + ++namespaces;
    kubevirt = new PlayedKubeVirt(client, namespace);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  @AfterEach
  void removeServices() {
    client.resources(UnikernelService.class).inNamespace(namespace).delete();
    client.resources(UnikernelImage.class).inNamespace(namespace).delete();
  }

  @Test
  @Order(1)
  void withoutKubeVirtItSaysSoAndGoesOnOnceItIsInstalled() {
    build("a");
    apply(1, "");
    var waiting = awaitCondition(ConditionSet.STALLED, "BackendUnavailable");
    assertThat(waiting.message())
        .contains("KubeVirt is not installed")
        .contains("Install KubeVirt");

    PlayedKubeVirt.install(client);

    awaitServing(1);
  }

  @Test
  @Order(2)
  void itWaitsForItsImageAndThenServes() {
    apply(2, "");
    var missing = awaitCondition(ConditionSet.READY, "ImageMissing");
    assertThat(missing.message()).contains("hello");

    build("a");
    var service = awaitServing(2);

    var status = service.getStatus();
    assertThat(status.replicas()).isEqualTo(2);
    assertThat(status.updatedReplicas()).isEqualTo(2);
    assertThat(status.availableReplicas()).isEqualTo(2);
    assertThat(status.selector()).isEqualTo("unikernel.dev/service=hello");
    assertThat(status.endpoint()).isEqualTo("hello." + namespace + ".svc:80");
    assertThat(status.image().digest()).isEqualTo(digest("a"));
    assertThat(status.instances()).hasSize(2);
    assertThat(status.instances().getFirst().address()).isEqualTo("10.0.0.7");
    assertThat(status.revisions()).hasSize(1);
    assertThat(status.conditions()).hasSize(1);
    var traffic = client.services().inNamespace(namespace).withName("hello").get();
    assertThat(traffic.getSpec().getSelector())
        .containsEntry("unikernel.dev/service", "hello")
        .containsEntry("unikernel.dev/serving", "true");
    assertThat(scale().getStatus().getReplicas()).isEqualTo(2);
  }

  @Test
  @Order(3)
  void theScaleSubresourceScalesAndNothingIsReplaced() {
    build("a");
    apply(1, "");
    var first = awaitServing(1).getStatus().instances().getFirst().name();

    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(3);
    var three = awaitServing(3);
    assertThat(three.getStatus().instances()).extracting(one -> one.name()).contains(first);

    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(0);
    awaitCondition(ConditionSet.READY, "ScaledToZero");
    await().untilAsserted(() -> assertThat(kubevirt.machines()).isEmpty());
  }

  @Test
  @Order(3)
  void aStatusThatWasEmptiedIsWrittenAgain() {
    build("a");
    apply(1, "");
    awaitServing(1);
    client
        .resources(UnikernelService.class)
        .inNamespace(namespace)
        .withName("hello")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\":{\"conditions\":[],\"instances\":null,\"image\":null}}");
    awaitServing(1);
  }

  @Test
  @Order(4)
  void aGuestThatEndsIsReplacedBesideTheOldOne() {
    build("a");
    apply(1, "");
    var dead = awaitServing(1).getStatus().instances().getFirst().name();

    kubevirt.powerOff(dead);

    await()
        .until(
            () -> {
              kubevirt.move();
              return complete(1) && !get().getStatus().instances().getFirst().name().equals(dead);
            });
    assertThat(get().getStatus().instances().getFirst().restarts()).isEqualTo(1);
    await()
        .untilAsserted(
            () ->
                assertThat(events("InstanceReplaced"))
                    .anyMatch(event -> event.getMessage().contains("powered itself off")));
  }

  @Test
  @Order(5)
  void aNewBuildIsRolledOutOneByOneAndOldInstancesAreDrained() {
    build("a");
    apply(2, "");
    var old = awaitServing(2).getStatus().revision();

    build("b");
    await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              kubevirt.move();
              var machines = kubevirt.machines();
              assertThat(machines).hasSizeLessThanOrEqualTo(3);
              assertThat(serving()).isGreaterThanOrEqualTo(2);
              return complete(2) && machines.stream().noneMatch(one -> revision(one).equals(old));
            });

    assertThat(get().getStatus().image().digest()).isEqualTo(digest("b"));
    assertThat(get().getStatus().revisions()).hasSize(2);
    await()
        .untilAsserted(
            () -> {
              assertThat(events("RolloutStarted")).hasSize(1);
              assertThat(events("RolloutCompleted")).hasSize(1);
              assertThat(events("InstanceDraining")).hasSize(2);
            });
  }

  @Test
  @Order(6)
  void aBuildThatNeverComesUpStallsAndTheOldOneServesOn() {
    build("a");
    apply(1, "rollout: {progressDeadlineSeconds: 3}");
    var old = awaitServing(1).getStatus().instances().getFirst().name();
    kubevirt.answers = machine -> false;

    build("b");

    var stalled = awaitCondition(ConditionSet.STALLED, "ProgressDeadlineExceeded");
    assertThat(stalled.message()).contains("containers with unready status");
    assertThat(get().getStatus().instances())
        .anyMatch(one -> one.name().equals(old) && one.phase().equals("Ready"));
  }

  @Test
  @Order(7)
  void aPinnedDigestThatIsUnknownIsRefusedWithThoseThatAreKnown() {
    build("a");
    apply(1, "", digest("f"));
    var stalled = awaitCondition(ConditionSet.STALLED, "DigestUnknown");
    assertThat(stalled.message()).contains(digest("f")).contains(digest("a"));
  }

  @Test
  @Order(8)
  void aServiceThatIsEditedOrDeletedIsPutRightAndNotWrittenAgain() {
    build("a");
    apply(1, "");
    awaitServing(1);
    var services = client.services().inNamespace(namespace).withName("hello");

    services.edit(
        one -> {
          one.getSpec().setSelector(Map.of("app", "theirs"));
          one.getMetadata().setAnnotations(Map.of("theirs", "stays"));
          return one;
        });
    await()
        .untilAsserted(
            () ->
                assertThat(services.get().getSpec().getSelector())
                    .containsOnly(
                        entry("unikernel.dev/service", "hello"),
                        entry("unikernel.dev/serving", "true")));
    assertThat(services.get().getMetadata().getAnnotations()).containsEntry("theirs", "stays");

    var uid = services.get().getMetadata().getUid();
    services.delete();
    await()
        .until(() -> services.get() != null && !services.get().getMetadata().getUid().equals(uid));

    var settled = services.get().getMetadata().getResourceVersion();
    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(2);
    awaitServing(2);
    assertThat(services.get().getMetadata().getResourceVersion()).isEqualTo(settled);
  }

  @Test
  @Order(9)
  void aServiceOfAnotherOwnerIsNamedAndInstancesAreKeptGoingAllTheSame() {
    client
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName("hello")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build())
        .create();
    build("a");
    apply(1, "");

    var stalled = awaitCondition(ConditionSet.STALLED, "ServiceNameTaken");
    assertThat(stalled.message())
        .contains("Service hello exists already")
        .contains("Delete or rename it");
    await()
        .untilAsserted(
            () -> {
              kubevirt.move();
              assertThat(get().getStatus().availableReplicas()).isEqualTo(1);
            });

    var dead = kubevirt.machines().getFirst().getMetadata().getName();
    kubevirt.powerOff(dead);
    await()
        .until(
            () -> {
              kubevirt.move();
              return kubevirt.machines().stream()
                  .noneMatch(one -> one.getMetadata().getName().equals(dead));
            });

    client.services().inNamespace(namespace).withName("hello").delete();
    awaitServing(1);
  }

  @Test
  @Order(10)
  void aServiceThatTheServerRefusesIsToldInItsWordsWhileInstancesRun() {
    build("a");
    apply(1, "service: {labels: {'a..b/x': y}}");
    var stalled = awaitCondition(ConditionSet.STALLED, "ServiceRefused");
    assertThat(stalled.message())
        .startsWith("The API server answered: ")
        .contains("a..b")
        .doesNotContain("https://");
    await()
        .untilAsserted(
            () -> {
              kubevirt.move();
              assertThat(get().getStatus().availableReplicas()).isEqualTo(1);
            });
  }

  @Test
  @Order(11)
  void aNameThatAnotherOwnerHasIsReportedWithWhatToDo() {
    build("a");
    apply(1, "");
    var name = awaitServing(1).getStatus().instances().getFirst().name();
    var theirs = kubevirt.manifest(name);
    theirs.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(0);
    awaitCondition(ConditionSet.READY, "ScaledToZero");
    await().untilAsserted(() -> assertThat(kubevirt.machines()).isEmpty());
    client.resource(theirs).create();

    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(1);

    var stalled = awaitCondition(ConditionSet.STALLED, "InstanceNameTaken");
    assertThat(stalled.message()).contains(name).contains("Delete or rename it");
  }

  @Test
  @Order(12)
  void anInstanceTakenOutOfTrafficByHandIsPutBackAndDrainsWithoutItsLabels() {
    build("a");
    apply(1, "");
    awaitServing(1);
    label(pod -> pod.remove("unikernel.dev/serving"));
    await().until(() -> serving() == 1);

    label(pod -> pod.remove("app.kubernetes.io/managed-by"));
    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(0);
    await().until(() -> serving() == 0);
    await()
        .until(
            () -> {
              kubevirt.move();
              return kubevirt.machines().isEmpty();
            });
  }

  @Test
  @Order(13)
  void whenTheImageIsDeletedWhatServesIsReadyHealedAndPulledWithTheSameSecret() {
    build("a", "registry-login");
    apply(1, "");
    var dead = awaitServing(1).getStatus().instances().getFirst().name();

    client.resources(UnikernelImage.class).inNamespace(namespace).delete();
    await()
        .until(
            () ->
                ConditionSet.find(get().getStatus().conditions(), ConditionSet.READY)
                    .filter(ready -> ready.reason().equals("ImageGone"))
                    .filter(ready -> ready.status().equals("True"))
                    .isPresent());
    assertThat(get().getStatus().conditions()).hasSize(1);

    kubevirt.powerOff(dead);
    await()
        .until(
            () -> {
              kubevirt.move();
              return complete(1) && !get().getStatus().instances().getFirst().name().equals(dead);
            });
    assertThat(kubevirt.machines().getFirst().getSpec().pullSecret()).isEqualTo("registry-login");
  }

  @Test
  @Order(14)
  void aStrangersMachineWithOurLabelsIsNeverTakenForOurs() {
    build("a");
    apply(1, "");
    var name = awaitServing(1).getStatus().instances().getFirst().name();
    var theirs = kubevirt.manifest(name);
    theirs.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withNamespace(namespace)
            .withLabels(theirs.getMetadata().getLabels())
            .withAnnotations(theirs.getMetadata().getAnnotations())
            .build());
    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(0);
    await().untilAsserted(() -> assertThat(kubevirt.machines()).isEmpty());
    client.resource(theirs).create();

    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(1);

    var stalled = awaitCondition(ConditionSet.STALLED, "InstanceNameTaken");
    assertThat(stalled.message())
        .contains("VirtualMachine " + name + " exists already")
        .contains("is not controlled by this UnikernelService");
    client.resource(theirs).delete();
    awaitServing(1);
  }

  @Test
  @Order(15)
  void aServiceCreatedAgainWaitsForTheMachinesOfTheEarlierOneAndThenServes() {
    build("a");
    apply(1, "");
    var old = awaitServing(1).getMetadata().getUid();
    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").delete();
    await().untilAsserted(() -> assertThat(get()).isNull());

    apply(1, "");
    var waiting = awaitCondition(ConditionSet.RECONCILING, "InstanceNameTaken");
    assertThat(waiting.message()).contains("belongs to an earlier UnikernelService hello");

    // What the garbage collector does.
    client.services().inNamespace(namespace).withName("hello").delete();
    kubevirt.machines().forEach(machine -> client.resource(machine).delete());
    assertThat(awaitServing(1).getMetadata().getUid()).isNotEqualTo(old);
  }

  @Test
  @Order(16)
  void labelsThatWereRemovedComeBackAndNoSecondMachineIsMade() {
    build("a");
    apply(1, "");
    var name = awaitServing(1).getStatus().instances().getFirst().name();

    client
        .resource(kubevirt.machines().getFirst())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\": {\"labels\": {\"unikernel.dev/service\": null,"
                + " \"unikernel.dev/revision\": \"other\", \"app.kubernetes.io/managed-by\": null}}}");
    await()
        .untilAsserted(
            () ->
                assertThat(kubevirt.machines())
                    .singleElement()
                    .satisfies(
                        machine ->
                            assertThat(machine.getMetadata().getLabels())
                                .containsEntry("unikernel.dev/service", "hello")
                                .containsEntry(
                                    "unikernel.dev/revision", get().getStatus().revision())));

    for (var lost : List.of("unikernel.dev/service", "unikernel.dev/serving")) {
      label(pod -> pod.remove(lost));
      await()
          .untilAsserted(
              () ->
                  assertThat(kubevirt.pods().getFirst().getMetadata().getLabels())
                      .containsEntry("unikernel.dev/service", "hello")
                      .containsEntry("unikernel.dev/serving", "true"));
    }
    awaitServing(1);
    assertThat(kubevirt.machines())
        .extracting(one -> one.getMetadata().getName())
        .containsOnly(name);
    assertThat(events("RolloutStarted")).isEmpty();
    assertThat(events("RolloutCompleted")).isEmpty();
  }

  @Test
  @Order(17)
  void machinesOfOthersThatOurModelCannotHoldStopNoService() {
    build("a");
    apply(1, "");
    awaitServing(1);
    var poison =
        Serialization.unmarshal(
            """
            apiVersion: kubevirt.io/v1
            kind: VirtualMachine
            metadata:
              name: poison
              namespace: %s
              labels: {unikernel.dev/service: hello, app.kubernetes.io/managed-by: unikernel-operator}
              annotations: {unikernel.dev/guest: '{', unikernel.dev/restarts: x, unikernel.dev/held-until: never}
            spec:
              runStrategy: Halted
              template:
                spec:
                  terminationGracePeriodSeconds: 9000000000000
                  domain: {devices: {}}
                  readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 2000000000}
            """
                .formatted(namespace),
            GenericKubernetesResource.class);
    client.resource(poison).create();

    client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(2);
    awaitServing(2);
    assertThat(kubevirt.machines()).hasSize(3);
    client.resource(poison).delete();
  }

  @Test
  @Order(18)
  void aNodeWhoseClockIsOffChangesNothing() {
    for (var skew : List.of(Duration.ofMinutes(10), Duration.ofMinutes(-10))) {
      kubevirt.skew = skew;
      build("a");
      apply(1, "rollout: {minReadySeconds: 2, progressDeadlineSeconds: 300}");
      var served = awaitServing(1);
      assertThat(condition(ConditionSet.STALLED)).isEmpty();
      assertThat(Instant.parse(served.getStatus().instances().getFirst().readyAt()))
          .isBetween(Instant.now().minusSeconds(300), Instant.now());

      var dead = served.getStatus().instances().getFirst().name();
      kubevirt.powerOff(dead);
      Patience.until(
          () -> {
            kubevirt.move();
            return complete(1) && !get().getStatus().instances().getFirst().name().equals(dead);
          },
          this::state);
      client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").scale(0);
      await().untilAsserted(() -> assertThat(kubevirt.machines()).isEmpty());
    }
  }

  @Test
  @Order(19)
  void anEventThatComesAgainCountsUpOnceAMinuteAndAfterARestart() {
    apply(0, "");
    var noon = Instant.parse("2026-01-01T12:00:00Z");
    var time = new AtomicReference<>(noon);
    var clock = clock(time::get);
    var events = new Events(operators, clock);
    for (var second : List.of(0, 30, 61, 122)) {
      time.set(noon.plusSeconds(second));
      events.record(get(), Events.Type.Warning, ServiceReason.CrashLoop, "Again.");
    }
    await().untilAsserted(() -> assertThat(counted("Again.")).containsExactly(4));

    time.set(noon.plusSeconds(600));
    var restarted = new Events(operators, clock);
    restarted.record(get(), Events.Type.Warning, ServiceReason.CrashLoop, "Again.");
    await().untilAsserted(() -> assertThat(counted("Again.")).containsExactly(5));
  }

  @Test
  @Order(20)
  void manyEventsThatDifferInTheirMessageAloneBecomeOne() {
    apply(0, "");
    var events = new Events(operators, Clock.systemUTC());
    for (int i = 0; i < 100; i++) {
      events.record(get(), Events.Type.Warning, ServiceReason.CrashLoop, "Pod x" + i + " failed.");
    }
    events.record(get(), Events.Type.Normal, ServiceReason.Serving, "x".repeat(2000));
    await().untilAsserted(() -> assertThat(counted("x".repeat(1000))).hasSize(1));
    assertThat(events("CrashLoop")).hasSize(11);
  }

  private static Clock clock(InstantSource time) {
    return new Clock() {
      @Override
      public Instant instant() {
        return time.instant();
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }
    };
  }

  private List<Integer> counted(String message) {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getMessage().equals(message))
        .map(Event::getCount)
        .toList();
  }

  private void label(Consumer<Map<String, String>> change) {
    client
        .resource(kubevirt.pods().getFirst())
        .edit(
            pod -> {
              change.accept(pod.getMetadata().getLabels());
              return pod;
            });
  }

  private long serving() {
    return kubevirt.pods().stream()
        .filter(pod -> pod.getMetadata().getLabels().containsKey("unikernel.dev/serving"))
        .filter(
            pod ->
                pod.getStatus().getConditions().stream()
                    .anyMatch(
                        one -> one.getType().equals("Ready") && one.getStatus().equals("True")))
        .count();
  }

  private static String revision(VirtualMachine machine) {
    return machine.getMetadata().getLabels().get("unikernel.dev/revision");
  }

  private UnikernelService awaitServing(int replicas) {
    Patience.until(
        () -> {
          kubevirt.move();
          return complete(replicas);
        },
        this::state);
    return get();
  }

  /** For the message of a test that gives up. */
  private String state() {
    var machines =
        client.supports(VirtualMachine.class) ? kubevirt.machines() : List.<VirtualMachine>of();
    return Serialization.asYaml(get())
        + machines.stream()
            .map(machine -> machine.getMetadata().getName() + " " + machine.getSpec())
            .toList();
  }

  private boolean complete(int replicas) {
    var service = get();
    return service.getStatus() != null
        && ConditionSet.ready(
            service.getStatus().conditions(), service.getMetadata().getGeneration())
        && service.getStatus().readyReplicas() == replicas
        && service.getStatus().instances().size() == replicas;
  }

  private Condition awaitCondition(String type, String reason) {
    Patience.until(
        () -> {
          kubevirt.moveIfInstalled();
          return condition(type).filter(one -> one.reason().equals(reason)).isPresent();
        },
        this::state);
    return condition(type).orElseThrow();
  }

  private Optional<Condition> condition(String type) {
    return Optional.ofNullable(get().getStatus())
        .flatMap(status -> ConditionSet.find(status.conditions(), type));
  }

  private List<Event> events(String reason) {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals(reason))
        .toList();
  }

  private Scale scale() {
    return client
        .resources(UnikernelService.class)
        .inNamespace(namespace)
        .withName("hello")
        .scale();
  }

  private UnikernelService get() {
    return client.resources(UnikernelService.class).inNamespace(namespace).withName("hello").get();
  }

  private void build(String digit) {
    build(digit, null);
  }

  private void build(String digit, String pushSecret) {
    var image =
        Serialization.unmarshal(
            """
            apiVersion: unikernel.dev/v1alpha1
            kind: UnikernelImage
            metadata: {name: hello, namespace: %s}
            spec:
              source: {image: {reference: registry.example/node:20}}
              kernel: {name: nanos}
              publish: {registry: {repository: registry.example/hello%s}}
            status:
              artifact:
                registry: registry.example/hello@%s
                digest: %s
                kernel: nanos
            """
                .formatted(
                    namespace,
                    pushSecret == null ? "" : ", pushSecret: " + pushSecret,
                    digest(digit),
                    digest(digit)),
            UnikernelImage.class);
    client.resource(image).forceConflicts().serverSideApply();
    client
        .resource(image)
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withForce(true)
                .build(),
            image);
  }

  private static String digest(String digit) {
    return "sha256:" + digit.repeat(64);
  }

  private void apply(int replicas, String more) {
    apply(replicas, more, null);
  }

  private void apply(int replicas, String more, String digest) {
    var service =
        Serialization.unmarshal(
            """
            apiVersion: unikernel.dev/v1alpha1
            kind: UnikernelService
            metadata: {name: hello, namespace: %s}
            spec:
              image: {name: hello%s}
              replicas: %d
              ports: [{name: http, port: 80, targetPort: 8080}]
              %s
            """
                .formatted(
                    namespace, digest == null ? "" : ", digest: '" + digest + "'", replicas, more),
            UnikernelService.class);
    client.resource(service).serverSideApply();
  }
}
