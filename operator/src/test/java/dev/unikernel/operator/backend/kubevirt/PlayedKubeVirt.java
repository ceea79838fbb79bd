package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Plays KubeVirt, the kubelet and the garbage collector in one namespace, one move at a time: a
 * test says when time goes on.
 */
public final class PlayedKubeVirt {
  private final KubernetesClient client;
  private final String namespace;

  /** How far the clock of the node is ahead; negative: behind. */
  public Duration skew = Duration.ZERO;

  /** Machines that get ready; the others boot and stay silent. */
  public Predicate<VirtualMachine> answers = machine -> true;

  public PlayedKubeVirt(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** Installs KubeVirt's CRDs: the real ones where this checkout has them beside it. */
  public static void install(KubernetesClient client) {
    var real = RealApiServer.repository().resolve("../shared/data/kubevirt-crds.yaml");
    try (InputStream yaml =
        Files.exists(real)
            ? Files.newInputStream(real)
            : PlayedKubeVirt.class.getResourceAsStream("/kubevirt/crds.yaml")) {
      client.load(yaml).items().stream()
          .filter(CustomResourceDefinition.class::isInstance)
          .map(CustomResourceDefinition.class::cast)
          .forEach(crd -> install(client, crd));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void install(KubernetesClient client, CustomResourceDefinition crd) {
    client.resource(crd).create();
    client
        .resource(crd)
        .waitUntilCondition(
            one ->
                one.getStatus() != null
                    && one.getStatus().getConditions() != null
                    && one.getStatus().getConditions().stream()
                        .anyMatch(
                            c -> c.getType().equals("Established") && c.getStatus().equals("True")),
            30,
            TimeUnit.SECONDS);
  }

  public List<VirtualMachine> machines() {
    return client.resources(VirtualMachine.class).inNamespace(namespace).list().getItems();
  }

  public List<VirtualMachineInstance> runs() {
    return client.resources(VirtualMachineInstance.class).inNamespace(namespace).list().getItems();
  }

  public List<Pod> pods() {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel("kubevirt.io", "virt-launcher")
        .list()
        .getItems();
  }

  /** A {@link #move}, or nothing while there is no KubeVirt. */
  public void moveIfInstalled() {
    if (client.supports(VirtualMachine.class)) {
      move();
    }
  }

  /** One move: what has no machine any more goes, and every machine without a run boots one. */
  public void move() {
    var machines = machines();
    var runs = runs();
    for (var run : runs) {
      boolean wanted =
          machines.stream()
              .filter(machine -> machine.getMetadata().getDeletionTimestamp() == null)
              .filter(machine -> "Always".equals(machine.getSpec().runStrategy()))
              .anyMatch(machine -> machine.getMetadata().getUid().equals(owner(run)));
      if (!wanted) {
        pods().stream()
            .filter(pod -> Objects.equals(owner(pod), run.getMetadata().getUid()))
            .forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
        client.resource(run).delete();
      }
    }
    for (var machine : machines) {
      boolean idle =
          runs.stream().noneMatch(run -> machine.getMetadata().getUid().equals(owner(run)));
      if (idle
          && machine.getMetadata().getDeletionTimestamp() == null
          && "Always".equals(machine.getSpec().runStrategy())) {
        boot(machine);
      }
    }
  }

  private static String owner(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .findFirst()
        .map(reference -> reference.getUid())
        .orElse(null);
  }

  /** The machine of this name as it stands on the API server, to read what the model leaves out. */
  public GenericKubernetesResource manifest(String machine) {
    return client
        .genericKubernetesResources("kubevirt.io/v1", "VirtualMachine")
        .inNamespace(namespace)
        .withName(machine)
        .get();
  }

  private void boot(VirtualMachine machine) {
    boolean ready = answers.test(machine);
    var manifest = manifest(machine.getMetadata().getName());
    var run = new GenericKubernetesResource();
    run.setApiVersion("kubevirt.io/v1");
    run.setKind("VirtualMachineInstance");
    run.setMetadata(
        new ObjectMetaBuilder()
            .withName(machine.getMetadata().getName())
            .withNamespace(namespace)
            .withLabels(manifest.get("spec", "template", "metadata", "labels"))
            .withOwnerReferences(
                new OwnerReferenceBuilder()
                    .withApiVersion("kubevirt.io/v1")
                    .withKind("VirtualMachine")
                    .withName(machine.getMetadata().getName())
                    .withUid(machine.getMetadata().getUid())
                    .withController(true)
                    .build())
            .build());
    run.setAdditionalProperty("spec", manifest.get("spec", "template", "spec"));
    run.setAdditionalProperty("status", status("Running", ready));
    launcher(client.resource(run).create(), ready);
  }

  private Map<String, Object> status(String phase, boolean ready) {
    var now = nodeTime().toString();
    return Map.of(
        "phase",
        phase,
        "nodeName",
        "n1",
        "conditions",
        List.of(
            Map.of(
                "type", "Ready",
                "status", ready ? "True" : "False",
                "reason", ready ? "Answers" : "ContainersNotReady",
                "message", ready ? "" : "containers with unready status: [compute]",
                "lastTransitionTime", now)),
        "interfaces",
        List.of(Map.of("ipAddress", "10.0.0.7")),
        "phaseTransitionTimestamps",
        Stream.of("Running", phase)
            .distinct()
            .map(one -> Map.of("phase", one, "phaseTransitionTimestamp", now))
            .toList());
  }

  private Instant nodeTime() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(skew);
  }

  private void launcher(HasMetadata run, boolean ready) {
    Map<String, String> labels = new HashMap<>(run.getMetadata().getLabels());
    labels.put("kubevirt.io", "virt-launcher");
    labels.put("kubevirt.io/created-by", run.getMetadata().getUid());
    var pod =
        client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withGenerateName("virt-launcher-" + run.getMetadata().getName() + "-")
                    .withNamespace(namespace)
                    .withLabels(labels)
                    .withOwnerReferences(
                        new OwnerReferenceBuilder()
                            .withApiVersion("kubevirt.io/v1")
                            .withKind("VirtualMachineInstance")
                            .withName(run.getMetadata().getName())
                            .withUid(run.getMetadata().getUid())
                            .withController(true)
                            .build())
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("compute")
                    .withImage("virt-launcher")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    var before = nodeTime().minusSeconds(5).toString();
    client
        .resource(
            new PodBuilder(pod)
                .editMetadata()
                .withResourceVersion(null)
                .endMetadata()
                .withStatus(
                    new PodStatusBuilder()
                        .withPhase("Running")
                        .withPodIP("10.0.0.7")
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready ? "True" : "False")
                        .withLastTransitionTime(before)
                        .endCondition()
                        .build())
                .build())
        .patchStatus();
  }

  /** The guest of this machine powers itself off. */
  public void powerOff(String machine) {
    client
        .genericKubernetesResources("kubevirt.io/v1", "VirtualMachineInstance")
        .inNamespace(namespace)
        .withName(machine)
        .edit(
            run -> {
              run.setAdditionalProperty("status", status("Succeeded", true));
              return run;
            });
  }
}
