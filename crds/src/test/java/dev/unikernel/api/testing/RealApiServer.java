package dev.unikernel.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real etcd and kube-apiserver, without any controller, for the length of a test class. The
 * binaries lie in {@code <cache>/k8s/<version>-linux-amd64/}; where they are absent, the tests are
 * skipped.
 */
public final class RealApiServer implements AutoCloseable {
  private static final String VERSION = "1.36.3";
  private static final List<String> BINARIES = List.of("etcd", "kube-apiserver", "kubectl");
  private static final int STARTUP_MILLISECONDS = 180_000;

  private final KubeAPIServer server;
  private final KubernetesClient client;
  private final Path directory;

  private RealApiServer(KubeAPIServer server, Path directory) {
    this.server = server;
    this.directory = directory;
    this.client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(server.getKubeConfigYaml()))
            .build();
  }

  /** Whether the binaries are there; for conditions on classes that cannot skip from within. */
  public static boolean isInstalled() {
    Path binaries = binaries(directory());
    return BINARIES.stream().map(binaries::resolve).allMatch(Files::isExecutable);
  }

  /**
   * Starts the server, or skips the calling test when its binaries are absent.
   *
   * @param flags further ones of kube-apiserver
   */
  public static RealApiServer start(String... flags) {
    Path directory = directory();
    Assumptions.assumeTrue(
        isInstalled(),
        () -> "skipped: no Kubernetes binaries in " + binaries(directory) + "; run `make test`");
    var server =
        new KubeAPIServer(
            KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(directory.toString())
                .withApiServerVersion(VERSION)
                .withOfflineMode(true)
                .withStartupTimeout(STARTUP_MILLISECONDS)
                .withApiServerFlags(List.of(flags))
                .build());
    awayFromMidnight(server::start);
    var started = new RealApiServer(server, directory);
    started.addServiceAddresses();
    return started;
  }

  /**
   * kube-api-test adds its timeout to the local time of day, which wraps at midnight, and then has
   * none left: for it, it is noon.
   */
  private static void awayFromMidnight(Runnable start) {
    TimeZone here = TimeZone.getDefault();
    int hour = LocalTime.now(ZoneOffset.UTC).getHour();
    TimeZone.setDefault(TimeZone.getTimeZone(ZoneOffset.ofHours(12 - hour)));
    try {
      start.run();
    } finally {
      TimeZone.setDefault(here);
    }
  }

  /** Like {@link #start}, with this project's CRDs applied and established. */
  public static RealApiServer startWithCrds(String... flags) {
    RealApiServer server = start(flags);
    try (Stream<Path> files = Files.list(repository().resolve("crds"))) {
      files.filter(f -> f.toString().endsWith(".yaml")).forEach(server::applyCrd);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return server;
  }

  /** A client that may do everything. */
  public KubernetesClient client() {
    return client;
  }

  /** The kubeconfig of that client, as YAML. */
  public String kubeconfig() {
    return server.getKubeConfigYaml();
  }

  /**
   * Runs the kubectl of the server's version, as a user would.
   *
   * @return its standard output
   * @throws AssertionError with its standard error, when it fails
   */
  public String kubectl(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(binaries(directory).resolve("kubectl").toString()));
    command.addAll(List.of(arguments));
    try {
      Path kubeconfig = Files.createTempFile("kubeconfig", ".yaml");
      Path errors = Files.createTempFile("kubectl", ".err");
      try {
        Files.writeString(kubeconfig, kubeconfig());
        var builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
          throw new AssertionError(String.join(" ", command) + ": " + Files.readString(errors));
        }
        return output;
      } finally {
        Files.delete(kubeconfig);
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A binary beside the API server's, such as helm; it may be absent. */
  public static Path binary(String name) {
    return binaries(directory()).resolve(name);
  }

  /** The root of the checkout, found from the working directory upwards. */
  public static Path repository() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("mvnw"))) {
      here = here.getParent();
    }
    return here;
  }

  @Override
  public void close() {
    client.close();
    server.stop();
  }

  /** kube-api-test's own flag comes last, and has addresses for 254 Services. */
  private void addServiceAddresses() {
    client
        .resource(
            new GenericKubernetesResourceBuilder()
                .withApiVersion("networking.k8s.io/v1")
                .withKind("ServiceCIDR")
                .withNewMetadata()
                .withName("more-addresses")
                .endMetadata()
                .addToAdditionalProperties("spec", Map.of("cidrs", List.of("10.96.0.0/12")))
                .build())
        .create();
  }

  private void applyCrd(Path file) {
    try (var yaml = Files.newInputStream(file)) {
      CustomResourceDefinition crd =
          client.apiextensions().v1().customResourceDefinitions().load(yaml).item();
      client.resource(crd).forceConflicts().serverSideApply();
      client
          .apiextensions()
          .v1()
          .customResourceDefinitions()
          .withName(crd.getMetadata().getName())
          .waitUntilCondition(RealApiServer::isEstablished, 30, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True"));
  }

  private static Path binaries(Path directory) {
    return directory.resolve("k8s").resolve(VERSION + "-linux-amd64");
  }

  private static Path directory() {
    String asked = System.getenv(KubeAPIServerConfigBuilder.KUBE_API_TEST_DIR);
    if (asked != null) {
      return Path.of(asked);
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
        .resolve("unikernel-operator");
  }
}
