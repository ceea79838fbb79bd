package dev.unikernel.e2e.kubevirt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.e2e.DevCluster;
import dev.unikernel.e2e.TestGuest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stand-in boots real guests, and every order of states it shows is one that the real KubeVirt
 * was recorded to show. Its waits are cut short here (no probe delay, no lingering launchers): what
 * is held against the recordings is order and content, not time.
 */
class StandInTest {

  private static final String NAME = "web";
  private static final Duration PATIENCE = DevCluster.PATIENCE;
  private static final AtomicInteger SCENARIOS = new AtomicInteger();

  @TempDir static Path scratch;
  private static DevCluster cluster;
  private static KubernetesClient client;
  private static String polite;
  private static String stubborn;

  @BeforeAll
  static void startCluster() throws IOException {
    TestGuest guest = new TestGuest(scratch);
    Path politeImage = guest.image("polite");
    Path stubbornImage = guest.image("stubborn");
    cluster =
        DevCluster.start(
            Map.of(
                "KUBEVIRT_PROBE_DELAY", "0",
                "KUBEVIRT_LINGER", "1",
                "KUBEVIRT_GUEST_NETWORK", guestNetwork().toString()));
    client = cluster.client();
    polite = cluster.push(politeImage, "polite:1");
    stubborn = cluster.push(stubbornImage, "stubborn:1");
  }

  /** The script that plumbs guests' networks, but for a guest with port 9999, as without nft. */
  private static Path guestNetwork() throws IOException {
    Path script =
        Files.writeString(
            scratch.resolve("guest-network"),
            """
            #!/bin/bash
            case "$*" in *tcp/9999*) echo "nft: command not found" >&2; exit 127 ;; esac
            exec %s "$@"
            """
                .formatted(DevCluster.SCRIPTS.resolve("kubevirt/guest-network")));
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterAll
  static void endCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void aGuestAnswersIsRestartedWhenItEndsAndLeavesNothingWhenDeleted() throws Exception {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(polite, "Always");
      scenario.awaitReady();
      JsonNode first = scenario.instance();
      String address = "http://" + first.at("/status/interfaces/0/ipAddress").asText() + ":8080/";
      assertThat(get(address)).isEqualTo("hello\n");
      scenario.awaitConsole("serving");

      get(address + "off");
      scenario.await(Api.INSTANCE, vmi -> !uid(vmi).equals(uid(first)));
      scenario.awaitReady();
      scenario.delete();

      assertThat(phases(scenario))
          .containsExactly(
              List.of("Pending", "Scheduling", "Scheduled", "Running", "Succeeded"),
              List.of("Pending", "Scheduling", "Scheduled", "Running", "Succeeded"));
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void aContainerDiskBoots() throws Exception {
    String image = cluster.push(new TestGuest(scratch).disk(), "disk:1");
    try (Scenario scenario = new Scenario()) {
      client
          .resource(
              """
              apiVersion: kubevirt.io/v1
              kind: VirtualMachine
              metadata: {name: %s, namespace: %s}
              spec:
                runStrategy: Always
                template:
                  spec:
                    terminationGracePeriodSeconds: 0
                    domain:
                      memory: {guest: 64Mi}
                      devices:
                        disks: [{name: root, bootOrder: 1, disk: {bus: virtio}}]
                        interfaces: [{name: default, masquerade: {}, ports: [{name: http, port: 8080}]}]
                    networks: [{name: default, pod: {}}]
                    volumes: [{name: root, containerDisk: {image: "%s", path: /disk/disk.img}}]
              """
                  .formatted(NAME, scenario.namespace, image))
          .create();
      scenario.awaitReady();
      scenario.awaitConsole(TestGuest.DISK_GREETING);
    }
  }

  @Test
  void aKilledQemuIsAFailedInstanceAndANewOne() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(polite, "Always");
      scenario.awaitReady();
      JsonNode first = scenario.instance();
      cluster.kubectl(
          "-n",
          scenario.namespace,
          "exec",
          scenario.pod().getMetadata().getName(),
          "-c",
          "compute",
          "--",
          "sh",
          "-c",
          "kill -9 $(busybox pidof qemu-system-x86_64)");
      scenario.await(Api.INSTANCE, vmi -> !uid(vmi).equals(uid(first)));

      assertThat(phases(scenario).getFirst())
          .containsExactly("Pending", "Scheduling", "Scheduled", "Running", "Failed");
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void aGuestThatIgnoresThePowerButtonFailsAtTheEndOfItsGraceTime() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(stubborn, "Always");
      scenario.awaitReady();
      scenario.delete();

      assertThat(phases(scenario))
          .containsExactly(List.of("Pending", "Scheduling", "Scheduled", "Running", "Failed"));
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void anImageThatIsNotThereShowsInBothStatuses() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(cluster.registry() + "/none@sha256:" + "0".repeat(64), "Always");
      scenario.await(
          Api.MACHINE, vm -> vm.at("/status/printableStatus").asText().equals("ImagePullBackOff"));
      assertThat(scenario.instance().toString()).contains("not found");
      scenario.delete();

      assertThat(phases(scenario)).containsExactly(List.of("Pending", "Scheduling", "Failed"));
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void aQuotaHoldsThePodBackUntilItIsRaised() {
    try (Scenario scenario = new Scenario()) {
      var quota =
          client
              .resourceQuotas()
              .inNamespace(scenario.namespace)
              .resource(
                  new ResourceQuotaBuilder()
                      .withNewMetadata()
                      .withName("q")
                      .endMetadata()
                      .withNewSpec()
                      .addToHard("requests.memory", new Quantity("100Mi"))
                      .endSpec()
                      .build());
      quota.create();
      scenario.apply(polite, "Always");
      scenario.await(
          Api.MACHINE,
          vm ->
              vm.at("/status/conditions")
                  .toString()
                  .contains("exceeded quota: q, requested: requests.memory="));
      quota.edit(
          found ->
              new ResourceQuotaBuilder(found)
                  .editSpec()
                  .addToHard("requests.memory", new Quantity("4Gi"))
                  .endSpec()
                  .build());
      scenario.awaitReady();

      scenario.assertRecordedOrder();
    }
  }

  @Test
  void aRestrictedNamespaceRefusesThePod() {
    try (Scenario scenario = new Scenario("pod-security.kubernetes.io/enforce", "restricted")) {
      scenario.apply(polite, "Always");
      scenario.await(
          Api.MACHINE,
          vm ->
              vm.at("/status/conditions")
                  .toString()
                  .contains("it needs a privileged namespace to run"));

      assertThat(phases(scenario)).containsExactly(List.of("Pending"));
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void aPodThatALimitRangeMakesInvalidShowsInBothStatuses() {
    try (Scenario scenario = new Scenario()) {
      client
          .resource(
              """
              apiVersion: v1
              kind: LimitRange
              metadata: {name: small, namespace: %s}
              spec: {limits: [{type: Container, default: {cpu: 50m}}]}
              """
                  .formatted(scenario.namespace))
          .create();
      scenario.apply(polite, "Always");
      String sentence = "must be less than or equal to cpu limit of 50m";
      scenario.awaitCondition("Synchronized", "False", "FailedCreate", sentence);
      scenario.awaitEvent("FailedCreate", sentence);

      assertThat(phases(scenario)).containsExactly(List.of("Pending"));
      scenario.assertRecordedOrder();
    }
  }

  @Test
  void anInstanceThatTheApiServerRefusesShowsOnTheMachine() {
    try (Scenario scenario = new Scenario()) {
      client
          .resource(
              """
              apiVersion: v1
              kind: ResourceQuota
              metadata: {name: none, namespace: %s}
              spec: {hard: {count/virtualmachineinstances.kubevirt.io: "0"}}
              """
                  .formatted(scenario.namespace))
          .create();
      client
          .resourceQuotas()
          .inNamespace(scenario.namespace)
          .withName("none")
          .waitUntilCondition(
              quota -> quota.getStatus().getHard() != null, PATIENCE.toMinutes(), TimeUnit.MINUTES);
      scenario.apply(polite, "Always");
      scenario.awaitCondition("Failure", "True", "FailedCreate", "exceeded quota: none");
    }
  }

  @Test
  void aGuestWithoutANetworkFailsAndSaysWhy() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(
          polite, "Always", manifest -> manifest.replace("port: 8080}]", "port: 9999}]"));
      String why = "guest-network ended with 127: nft: command not found";
      scenario.awaitCondition(
          "Synchronized", "False", "Synchronizing with the Domain failed.", why);
      scenario.awaitEvent("SyncFailed", why);

      assertThat(phases(scenario).getFirst())
          .startsWith("Pending", "Scheduling", "Scheduled", "Failed");
    }
  }

  @Test
  void aQemuThatCannotStartFailsAndSaysWhy() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(
          polite,
          "Always",
          manifest -> manifest.replace("kernelPath: /boot/vmlinuz", "kernelPath: /boot/initrd"));
      scenario.awaitCondition(
          "Synchronized",
          "False",
          "Synchronizing with the Domain failed.",
          "QEMU could not start: ");
      scenario.awaitEvent("SyncFailed", "QEMU could not start: ");

      assertThat(phases(scenario).getFirst())
          .startsWith("Pending", "Scheduling", "Scheduled", "Failed");
    }
  }

  @Test
  void haltedEndsTheGuestAndAlwaysStartsAnother() {
    try (Scenario scenario = new Scenario()) {
      scenario.apply(polite, "Always");
      scenario.awaitReady();
      scenario.runStrategy("Halted");
      scenario.await(
          Api.MACHINE,
          vm ->
              vm.at("/status/printableStatus").asText().equals("Stopped")
                  && !vm.path("status").has("created"));
      scenario.runStrategy("Always");
      scenario.awaitReady();

      scenario.assertRecordedOrder();
    }
  }

  private static List<List<String>> phases(Scenario scenario) {
    return States.sequences(scenario.instances, States::ofInstance).stream()
        .map(States::heads)
        .toList();
  }

  private static String uid(JsonNode object) {
    return object.at("/metadata/uid").asText();
  }

  private static String get(String address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  /** One VirtualMachine in a namespace of its own, watched from the first moment. */
  private static final class Scenario implements AutoCloseable {
    private final String namespace = "s" + SCENARIOS.incrementAndGet();
    private final List<JsonNode> machines = new CopyOnWriteArrayList<>();
    private final List<JsonNode> instances = new CopyOnWriteArrayList<>();
    private final List<Watch> watches = new ArrayList<>();

    Scenario(String... labels) {
      Map<String, String> map = labels.length == 0 ? Map.of() : Map.of(labels[0], labels[1]);
      client
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(namespace)
                  .withLabels(map)
                  .endMetadata()
                  .build())
          .create();
      watches.add(record(Api.MACHINE, machines));
      watches.add(record(Api.INSTANCE, instances));
      until(
          () -> client.serviceAccounts().inNamespace(namespace).withName("default").get() != null);
    }

    private Watch record(ResourceDefinitionContext kind, List<JsonNode> into) {
      return client
          .genericKubernetesResources(kind)
          .inNamespace(namespace)
          .watch(
              new Watcher<>() {
                @Override
                public void eventReceived(Action action, GenericKubernetesResource resource) {
                  if (action != Action.DELETED) {
                    into.add(new ObjectMapper().valueToTree(resource));
                  }
                }

                @Override
                public void onClose(WatcherException cause) {}
              });
    }

    void apply(String image, String runStrategy) {
      apply(image, runStrategy, manifest -> manifest);
    }

    void apply(String image, String runStrategy, UnaryOperator<String> change) {
      String manifest =
          """
          apiVersion: kubevirt.io/v1
          kind: VirtualMachine
          metadata: {name: %s, namespace: %s}
          spec:
            runStrategy: %s
            template:
              metadata: {labels: {app: %s}}
              spec:
                terminationGracePeriodSeconds: 5
                domain:
                  cpu: {sockets: 1, cores: 1, threads: 1, maxSockets: 1}
                  memory: {guest: 128Mi}
                  firmware:
                    kernelBoot:
                      kernelArgs: "console=ttyS0 quiet panic=-1 no_timer_check"
                      container: {image: "%s", kernelPath: /boot/vmlinuz, initrdPath: /boot/initrd, imagePullPolicy: IfNotPresent}
                  devices:
                    rng: {}
                    interfaces: [{name: default, masquerade: {}, ports: [{name: http, port: 8080}]}]
                networks: [{name: default, pod: {}}]
                readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
          """
              .formatted(NAME, namespace, runStrategy, NAME, image);
      client.resource(change.apply(manifest)).create();
    }

    /** Waits until the machine shows this condition, with these words in its message. */
    void awaitCondition(String type, String status, String reason, String words) {
      await(
          Api.MACHINE,
          machine ->
              new Conditions(((ObjectNode) machine).withObjectProperty("status"))
                  .find(type)
                  .filter(
                      found ->
                          found.path("status").asText().equals(status)
                              && found.path("reason").asText().equals(reason)
                              && found.path("message").asText().contains(words))
                  .isPresent());
    }

    /** Waits until there is a Warning with this reason, and these words in its message. */
    void awaitEvent(String reason, String words) {
      until(
          () ->
              client.v1().events().inNamespace(namespace).list().getItems().stream()
                  .anyMatch(
                      event ->
                          event.getType().equals("Warning")
                              && event.getReason().equals(reason)
                              && event.getMessage().contains(words)));
    }

    void runStrategy(String strategy) {
      cluster.kubectl(
          "-n",
          namespace,
          "patch",
          "vm",
          NAME,
          "--type=merge",
          "-p",
          "{\"spec\":{\"runStrategy\":\"" + strategy + "\"}}");
    }

    void awaitReady() {
      await(
          Api.MACHINE,
          vm ->
              vm.at("/status/ready").asBoolean()
                  && vm.at("/status/printableStatus").asText().equals("Running"));
    }

    void await(ResourceDefinitionContext kind, Predicate<JsonNode> condition) {
      until(
          () ->
              new Api(client)
                  .get(kind, new Api.Key(namespace, NAME))
                  .filter(condition)
                  .isPresent());
    }

    private void until(Callable<Boolean> condition) {
      try {
        Awaitility.await().atMost(PATIENCE).until(condition);
      } catch (ConditionTimeoutException timeout) {
        throw new AssertionError(timeout.getMessage() + "\n" + story(), timeout);
      }
    }

    /** What there is in the namespace, and what the guest said. */
    private String story() {
      String objects =
          cluster.kubectl("-n", namespace, "get", "vm,vmi,pods,events", "--output=yaml");
      return client.pods().inNamespace(namespace).list().getItems().stream()
          .map(pod -> pod.getMetadata().getName())
          .map(pod -> pod + ":\n" + log(pod))
          .collect(Collectors.joining("\n", objects, ""));
    }

    private String log(String pod) {
      try {
        return cluster.kubectl("-n", namespace, "logs", pod, "--all-containers", "--prefix");
      } catch (IllegalStateException none) {
        return none.getMessage();
      }
    }

    JsonNode instance() {
      return new Api(client).get(Api.INSTANCE, new Api.Key(namespace, NAME)).orElseThrow();
    }

    Pod pod() {
      return client
          .pods()
          .inNamespace(namespace)
          .withLabel(LauncherPod.NAME, NAME)
          .list()
          .getItems()
          .getFirst();
    }

    /** Waits until the guest has said this on its console. */
    void awaitConsole(String words) {
      until(
          () ->
              client
                  .pods()
                  .resource(pod())
                  .inContainer("guest-console-log")
                  .getLog()
                  .contains(words));
    }

    void delete() {
      new Api(client).delete(Api.MACHINE, new Api.Key(namespace, NAME));
      until(
          () ->
              client
                      .genericKubernetesResources(Api.MACHINE)
                      .inNamespace(namespace)
                      .list()
                      .getItems()
                      .isEmpty()
                  && client
                      .genericKubernetesResources(Api.INSTANCE)
                      .inNamespace(namespace)
                      .list()
                      .getItems()
                      .isEmpty()
                  && client.pods().inNamespace(namespace).list().getItems().isEmpty());
    }

    /** Each state that followed another here was recorded some time after that other one. */
    void assertRecordedOrder() {
      Recordings recordings = Recordings.find();
      assertRecordedOrder(recordings, "vm", machines, States::ofMachine);
      assertRecordedOrder(recordings, "vmi", instances, States::ofInstance);
    }

    private static void assertRecordedOrder(
        Recordings recordings, String kind, List<JsonNode> seen, Function<JsonNode, String> state) {
      List<List<String>> recorded = new ArrayList<>();
      recordings
          .scenarios()
          .forEach(
              scenario ->
                  recorded.addAll(States.sequences(recordings.stream(scenario, kind), state)));
      Set<String> orders = States.orders(recorded);
      for (List<String> sequence : States.sequences(seen, state)) {
        for (int index = 1; index < sequence.size(); index++) {
          String order = States.order(sequence.get(index - 1), sequence.get(index));
          assertThat(orders.contains(order))
              .as(
                  "recorded of a %s: %s%nHere it came in:%n%s",
                  kind, order, String.join("\n", sequence))
              .isTrue();
        }
      }
    }

    @Override
    public void close() {
      watches.forEach(Watch::close);
      client
          .namespaces()
          .withName(namespace)
          .delete(); // its guest would take processor time from the next
    }
  }
}
