package dev.unikernel.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;

/**
 * Our operator in a dev cluster, installed as users do it: our images from a registry, our chart by
 * Helm.
 */
final class Operator {
  private static final String NAMESPACE = "unikernel-system";
  private static final String NAME = "unikernel-operator";

  private final DevCluster cluster;

  private Operator(DevCluster cluster) {
    this.cluster = cluster;
  }

  /** Pushes what `package` built to the cluster's registry, and installs the chart. */
  static Operator install(DevCluster cluster) {
    var repository = DevCluster.SCRIPTS.resolve("../../..").normalize();
    var values = repository.resolve("src/test/target/values.yaml");
    new Command(
            List.of(repository + "/images/push", cluster.registry(), "--insecure"),
            Map.of("VALUES", values.toString()))
        .run();
    cluster.pushSourceImage("node:18");
    var release = System.getenv("NANOS_RELEASE");
    cluster.helm(
        "install",
        NAME,
        repository + "/helm/unikernel-operator",
        "--namespace=" + NAMESPACE,
        "--create-namespace",
        "--values=" + values,
        "--values=" + (release == null ? values : withNanos(values, release, cluster)),
        "--set=plainHttpRegistries={" + cluster.registry() + "}",
        "--wait",
        "--timeout=6m");
    return new Operator(cluster);
  }

  /** Pushes the Nanos release to the registry and adds it to the kernels of the chart's values. */
  private static Path withNanos(Path values, String release, DevCluster cluster) {
    var catalogue =
        new Command(
                List.of(
                    DevCluster.SCRIPTS.resolveSibling("demo/nanos-catalogue").toString(),
                    release,
                    cluster.registry() + "/kernels/nanos",
                    values.toString(),
                    "--insecure"),
                Map.of())
            .run();
    try {
      return Files.writeString(values.resolveSibling("nanos.yaml"), catalogue);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DevCluster cluster() {
    return cluster;
  }

  String registry() {
    return cluster.registry();
  }

  KubernetesClient client() {
    return cluster.client();
  }

  /** A new namespace, named after the test. */
  Tenant tenant(TestInfo test) {
    var name =
        test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT).replace('_', '-');
    return Tenant.named(
        client(), name.substring(0, Math.min(40, name.length())).replaceAll("-+$", ""));
  }

  /** Ends the operator's process as a crash does, and waits until another one stands in. */
  void kill() {
    var old = pod();
    client().resource(old).withGracePeriod(0).delete();
    await()
        .atMost(Tenant.PATIENCE)
        .until(
            () ->
                pods()
                    .anyMatch(
                        pod ->
                            !Objects.equals(pod.getMetadata().getUid(), old.getMetadata().getUid())
                                && ready(pod)));
  }

  private Pod pod() {
    return pods().findFirst().orElseThrow();
  }

  private Stream<Pod> pods() {
    return client()
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", NAME)
        .list()
        .getItems()
        .stream();
  }

  private static boolean ready(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(
            condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }

  /** Kills the QEMU of this instance, without warning. */
  void killGuest(Tenant tenant, String instance) {
    var pod =
        client()
            .pods()
            .inNamespace(tenant.namespace())
            .withLabel("vm.kubevirt.io/name", instance)
            .list()
            .getItems()
            .getFirst();
    cluster.kubectl(
        "--namespace=" + tenant.namespace(),
        "exec",
        pod.getMetadata().getName(),
        "--container=compute",
        "--",
        "sh",
        "-c",
        "kill -9 $(busybox pidof qemu-system-x86_64)");
  }

  List<GenericKubernetesResource> machines(Tenant tenant) {
    return list(tenant, "kubevirt.io/v1", "VirtualMachine");
  }

  private List<GenericKubernetesResource> list(Tenant tenant, String apiVersion, String kind) {
    return client()
        .genericKubernetesResources(apiVersion, kind)
        .inNamespace(tenant.namespace())
        .list()
        .getItems();
  }

  void delete(HasMetadata object) {
    client().resource(object).delete();
  }

  /** Everything in the namespace that was made for a UnikernelImage or UnikernelService. */
  List<String> objects(Tenant tenant) {
    var in = tenant.namespace();
    return Stream.of(
            machines(tenant),
            list(tenant, "kubevirt.io/v1", "VirtualMachineInstance"),
            client().pods().inNamespace(in).list().getItems(),
            client().batch().v1().jobs().inNamespace(in).list().getItems(),
            client().services().inNamespace(in).list().getItems(),
            client().discovery().v1().endpointSlices().inNamespace(in).list().getItems(),
            client()
                .configMaps()
                .inNamespace(in)
                .withLabel("app.kubernetes.io/managed-by", NAME)
                .list()
                .getItems())
        .flatMap(List::stream)
        .map(object -> object.getKind() + "/" + object.getMetadata().getName())
        .toList();
  }
}
