package dev.unikernel.operator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.image.PublishedImage;
import dev.unikernel.operator.testing.Rights;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The operator as it is shipped, in a process of its own: Quarkus' fast-jar, the image's JVM
 * options, and the memory limit of the chart. The JVM takes its heap from {@code -XX:MaxRAM}, as it
 * would from the container's limit; nothing ends the process when it takes more.
 */
final class OperatorProcess implements AutoCloseable {
  private static final Path OPERATOR = RealApiServer.repository().resolve("operator");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final double TICKS_PER_SECOND = 100;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path log;
  private final int port;
  private final double secondsToReady;

  private OperatorProcess(Process process, Path log, int port) throws Exception {
    this.process = process;
    this.log = log;
    this.port = port;
    long start = System.nanoTime();
    while (!ready()) {
      if (Duration.ofNanos(System.nanoTime() - start).compareTo(PATIENCE) > 0) {
        throw failed("is not ready after " + PATIENCE);
      }
      Thread.sleep(50);
    }
    this.secondsToReady = (System.nanoTime() - start) / 1e9;
  }

  /** Starts it and waits until it is ready. */
  static OperatorProcess start(KubernetesClient administrator, Path directory, String name)
      throws Exception {
    var log = directory.resolve(name + ".log");
    int port = freePort();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add("@" + OPERATOR.resolve("jvm.options"));
    command.add("-XX:MaxRAM=" + memoryLimit());
    command.addAll(List.of(System.getProperty("bench.operator-options", "").split(" ", -1)));
    command.removeIf(String::isBlank);
    command.addAll(List.of("-jar", OPERATOR.resolve("target/quarkus-app/quarkus-run.jar") + ""));
    var kubeconfig = Files.writeString(directory.resolve("kubeconfig"), kubeconfig(administrator));
    var builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "QUARKUS_HTTP_PORT",
                port + "",
                "UNIKERNEL_BUILDER_IMAGE",
                PublishedImage.BUILDER,
                "UNIKERNEL_PLAIN_HTTP_REGISTRIES",
                PublishedImage.PLAIN_HTTP,
                "UNIKERNEL_KERNELS",
                OPERATOR.resolve("src/test/resources/kernels.yaml") + ""));
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new OperatorProcess(builder.start(), log, port);
  }

  /** With the rights of the chart's account. */
  private static String kubeconfig(KubernetesClient administrator) {
    Config config = administrator.getConfiguration();
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: bench, cluster: {server: "%s", certificate-authority: "%s"}}]
    users: [{name: operator, user: {token: "%s"}}]
    contexts: [{name: bench, context: {cluster: bench, user: operator}}]
    current-context: bench
    """
        .formatted(config.getMasterUrl(), config.getCaCertFile(), Rights.token(administrator));
  }

  /** Bytes, of the chart's default. */
  private static long memoryLimit() throws IOException {
    var values = RealApiServer.repository().resolve("helm/unikernel-operator/values.yaml");
    var limit =
        Serialization.unmarshal(Files.readString(values), JsonNode.class)
            .at("/operator/resources/limits/memory")
            .asText();
    return Quantity.getAmountInBytes(new Quantity(limit)).longValueExact();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** From the start of the process to its readiness, in seconds. */
  double secondsToReady() {
    return secondsToReady;
  }

  /** CPU time that it has used since its start, in seconds. */
  double cpuSeconds() {
    var stat = file("stat");
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** The most resident memory that it had, with what it maps of files: MiB. */
  double peakMiB() {
    return status("VmHWM");
  }

  /** Resident memory after a full collection: MiB. */
  double collectedMiB() throws Exception {
    var collect =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                process.pid() + "",
                "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (collect.waitFor() != 0) {
      throw failed("does not answer jcmd");
    }
    return status("VmRSS");
  }

  /** What {@code /q/metrics} says now. */
  Metrics metrics() {
    return new Metrics(get("/q/metrics").body());
  }

  /**
   * @throws IllegalStateException with the end of its log, when it has ended
   */
  void assertAlive() {
    if (!process.isAlive()) {
      throw failed("ended with exit code " + process.exitValue());
    }
  }

  private boolean ready() {
    assertAlive();
    try {
      return get("/q/health/ready").statusCode() == 200;
    } catch (UncheckedIOException notListening) {
      return false;
    }
  }

  private HttpResponse<String> get(String path) {
    var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private double status(String field) {
    return file("status")
            .lines()
            .filter(line -> line.startsWith(field + ":"))
            .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseThrow()
        / 1024;
  }

  private String file(String name) {
    assertAlive();
    try {
      return Files.readString(Path.of("/proc", process.pid() + "", name));
    } catch (IOException e) {
      throw failed("has no /proc/pid/" + name);
    }
  }

  private IllegalStateException failed(String what) {
    var text = new StringBuilder("The operator " + what + ". The end of its log:\n");
    try {
      var lines = Files.readAllLines(log, UTF_8);
      lines
          .subList(Math.max(0, lines.size() - 20), lines.size())
          .forEach(line -> text.append(line).append('\n'));
    } catch (IOException e) {
      text.append(e);
    }
    return new IllegalStateException(text.toString());
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
