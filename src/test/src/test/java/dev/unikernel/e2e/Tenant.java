package dev.unikernel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;

/** A user of the cluster with a namespace of their own; all they do is apply, delete and look. */
final class Tenant {
  static final Duration PATIENCE = DevCluster.PATIENCE;

  private final KubernetesClient client;
  private final String namespace;

  private Tenant(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  static Tenant named(KubernetesClient client, String namespace) {
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    return new Tenant(client, namespace);
  }

  String namespace() {
    return namespace;
  }

  KubernetesClient client() {
    return client;
  }

  void apply(String yaml) {
    var bytes = new ByteArrayInputStream(yaml.getBytes(UTF_8));
    client.load(bytes).inNamespace(namespace).serverSideApply();
  }

  void configMap(String name, String key, String content) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withData(Map.of(key, content))
                .build())
        .serverSideApply();
  }

  /** A Secret of type kubernetes.io/dockerconfigjson. */
  void login(String name, String registry, String user, String password) {
    var config =
        """
        {"auths": {"%s": {"username": "%s", "password": "%s"}}}
        """
            .formatted(registry, user, password);
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withType("kubernetes.io/dockerconfigjson")
                .withStringData(Map.of(".dockerconfigjson", config))
                .build())
        .serverSideApply();
  }

  UnikernelImage image(String name) {
    return client.resources(UnikernelImage.class).inNamespace(namespace).withName(name).get();
  }

  UnikernelService service(String name) {
    return client.resources(UnikernelService.class).inNamespace(namespace).withName(name).get();
  }

  UnikernelImageStatus awaitImage(String name, Predicate<UnikernelImageStatus> reached) {
    return awaited(() -> image(name).getStatus(), reached);
  }

  UnikernelServiceStatus awaitService(String name, Predicate<UnikernelServiceStatus> reached) {
    return awaited(() -> service(name).getStatus(), reached);
  }

  /** Waits until the image is Ready for its present spec. */
  UnikernelImageStatus built(String name) {
    return awaitImage(name, status -> is(status.conditions(), "Ready", "True"));
  }

  /** Waits until the service is Ready with this many instances. */
  UnikernelServiceStatus serving(String name, int instances) {
    return awaitService(
        name,
        status ->
            is(status.conditions(), "Ready", "True")
                && Integer.valueOf(instances).equals(status.availableReplicas()));
  }

  /** Waits until the image is not Ready for this reason, and returns what it says. */
  Condition unready(String image, String reason) {
    Predicate<Condition> expected =
        ready -> ready.status().equals("False") && ready.reason().equals(reason);
    return condition(
            awaitImage(
                    image,
                    status -> condition(status.conditions(), "Ready").filter(expected).isPresent())
                .conditions(),
            "Ready")
        .orElseThrow();
  }

  /** Waits until the image is Stalled, and returns why. */
  Condition stalled(String image) {
    return condition(
            awaitImage(image, status -> is(status.conditions(), "Stalled", "True")).conditions(),
            "Stalled")
        .orElseThrow();
  }

  static boolean is(Iterable<Condition> conditions, String type, String status) {
    return condition(conditions, type).filter(found -> found.status().equals(status)).isPresent();
  }

  static Optional<Condition> condition(Iterable<Condition> conditions, String type) {
    if (conditions == null) {
      return Optional.empty();
    }
    for (var condition : conditions) {
      if (condition.type().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  /**
   * {@code address:port} of the Service in front of a UnikernelService, as this host reaches it.
   */
  String endpoint(String service) {
    var front = client.services().inNamespace(namespace).withName(service).get();
    return front.getSpec().getClusterIP() + ":" + front.getSpec().getPorts().getFirst().getPort();
  }

  String ask(String service, String path) throws IOException {
    return Traffic.get(URI.create("http://" + endpoint(service) + path));
  }

  /** Deletes the namespace without waiting for its end. */
  void leave() {
    client.namespaces().withName(namespace).delete();
  }

  private static <T> T awaited(Look<T> look, Predicate<T> reached) {
    var last = new AtomicReference<T>();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(300))
          .ignoreException(KubernetesClientException.class)
          .until(
              () -> {
                last.set(look.now());
                return last.get() != null && reached.test(last.get());
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("not reached in " + PATIENCE + "; last seen: " + last.get(), e);
    }
    return last.get();
  }

  private interface Look<T> {
    T now();
  }
}
