package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.kube.Events;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others keep in ConfigMaps costs the operator nothing, however large it is. */
class ForeignConfigMapsTest {
  private static final int MAPS = 250;
  private static final int BYTES_EACH = 800_000;

  @Test
  void twoHundredMegabytesOfThemDoNotKeepTheOperatorFromStarting(@TempDir Path directory)
      throws IOException, InterruptedException {
    try (var server = RealApiServer.startWithCrds()) {
      var data = Map.of("board.json", "x".repeat(BYTES_EACH));
      for (int i = 0; i < MAPS; i++) {
        server
            .client()
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("board-" + i)
                    .withNamespace("default")
                    .endMetadata()
                    .withData(data)
                    .build())
            .create();
      }
      var kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
      var log = directory.resolve("log");
      var operator =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:MaxRAM=256m",
                  "-XX:MaxRAMPercentage=50",
                  "-XX:+ExitOnOutOfMemoryError",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Start.class.getName(),
                  kubeconfig.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        assertThat(operator.waitFor(3, TimeUnit.MINUTES))
            .as(() -> "ends within minutes; so far: " + read(log))
            .isTrue();
      } finally {
        operator.destroyForcibly();
      }
      assertThat(operator.exitValue()).as(() -> read(log)).isZero();
      assertThat(read(log)).contains(Start.STARTED);
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** A process of its own: the image reconciler until its caches are filled, then the end. */
  static final class Start {
    static final String STARTED = "All caches are filled.";

    private Start() {}

    public static void main(String[] arguments) throws IOException {
      var config = Config.fromKubeconfig(Files.readString(Path.of(arguments[0])));
      try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
        var operator = new Operator(settings -> settings.withKubernetesClient(client));
        var clock = Clock.systemUTC();
        operator.register(
            new UnikernelImageReconciler(Images.SETTINGS, new Events(client, clock), clock));
        operator.start();
        System.out.println(STARTED);
        var runtime = Runtime.getRuntime();
        System.gc();
        System.out.printf(
            "heap in use: %d KiB of at most %d KiB%n%s%n",
            (runtime.totalMemory() - runtime.freeMemory()) / 1024,
            runtime.maxMemory() / 1024,
            Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                .toList());
      }
      System.exit(0);
    }
  }
}
