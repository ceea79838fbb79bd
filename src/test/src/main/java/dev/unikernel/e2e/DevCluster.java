package dev.unikernel.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real Kubernetes of its own on this machine, with a registry and KubeVirt's stand-in; see {@code
 * src/test/cluster/README.md}.
 *
 * <p>It ends with {@link #close()}, and also when this JVM ends in any other way. Needs root.
 */
public final class DevCluster implements AutoCloseable {

  /** The repository's folder with the cluster's scripts. */
  public static final Path SCRIPTS = scripts();

  /**
   * How long tests wait for any one thing: it is there in seconds, unless the machine is very busy.
   */
  public static final Duration PATIENCE = Duration.ofMinutes(6);

  private final Process process;
  private final Map<String, String> environment;
  private final KubernetesClient client;

  private DevCluster(Process process, Map<String, String> environment) {
    this.process = process;
    this.environment = environment;
    this.client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig().toFile()))
            .build();
  }

  /**
   * Starts a cluster, which takes some 10 seconds, and minutes the very first time: binaries and
   * images are made then. Its progress goes to standard error.
   *
   * @param options of the script {@code up}
   * @throws IllegalStateException when it does not come up; the reason is on standard error
   */
  public static DevCluster start(String... options) {
    return start(Map.of(), options);
  }

  /**
   * The same with further environment variables for {@code up}: {@code KUBEVIRT_PROBE_DELAY},
   * {@code KUBEVIRT_LINGER}.
   */
  public static DevCluster start(Map<String, String> environment, String... options) {
    List<String> command = new ArrayList<>(List.of(script("up"), "--until-eof"));
    command.addAll(Arrays.asList(options));
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(environment);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      Process process = builder.start();
      return new DevCluster(process, announced(process));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads the lines {@code export NAME=value}; CLUSTER is the last. */
  private static Map<String, String> announced(Process process) throws IOException {
    Map<String, String> environment = new HashMap<>();
    BufferedReader output = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
    while (!environment.containsKey("CLUSTER")) {
      String line = output.readLine();
      if (line == null) {
        throw new IllegalStateException(
            "the dev cluster did not come up; what it said is on standard error");
      }
      String[] assignment = line.replaceFirst("^export ", "").split("=", 2);
      environment.put(assignment[0], assignment[1]);
    }
    // kubectl would keep what it discovered in the user's home.
    environment.put(
        "KUBECACHEDIR",
        Path.of(environment.get("KUBECONFIG")).resolveSibling("kubectl").toString());
    return environment;
  }

  /** A client with all rights, the user {@code admin}. */
  public KubernetesClient client() {
    return client;
  }

  /** Host and port of the registry: the same from here, the node and pods; plain HTTP. */
  public String registry() {
    return environment.get("REGISTRY");
  }

  public Path kubeconfig() {
    return Path.of(environment.get("KUBECONFIG"));
  }

  /** Which of the clusters on this machine it is, 1 to 15. */
  public int number() {
    return Integer.parseInt(environment.get("CLUSTER"));
  }

  /** The id of the process that holds the cluster: when it dies, the cluster does. */
  public long pid() {
    return process.pid();
  }

  /** Runs kubectl against this cluster and returns its output. */
  public String kubectl(String... arguments) {
    return run(tool("kubectl"), arguments);
  }

  /** Runs helm against this cluster and returns its output. */
  public String helm(String... arguments) {
    return run(tool("helm"), arguments);
  }

  /**
   * Runs a command in the cluster's namespaces, on the node so to speak, and returns its output.
   */
  public String enter(String... command) {
    return run(script("enter"), command);
  }

  /**
   * Pushes an OCI image layout under a name such as {@code guest:1} and returns its reference by
   * digest.
   */
  public String push(Path layout, String name) {
    String target = "docker://" + registry() + "/" + name;
    run("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:" + layout, target);
    String digest =
        run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", target).strip();
    return registry() + "/" + name.substring(0, name.lastIndexOf(':')) + "@" + digest;
  }

  /**
   * Makes the OCI image of Debian's nodejs, once, and pushes it under a name such as {@code
   * node:18}; returns its reference.
   */
  public String pushSourceImage(String name) {
    String reference = registry() + "/" + name;
    run(script("source-image"), reference, "--insecure");
    return reference;
  }

  /** Ends the registry's process; what was pushed stays on its disk. */
  public void stopRegistry() {
    run(script("registry"), "stop");
  }

  /** Starts the registry, or restarts it, open to all. */
  public void startRegistry() {
    run(script("registry"), "start");
  }

  /** Starts the registry, or restarts it, so that it asks for this login. */
  public void startRegistry(String user, String password) {
    run(script("registry"), "start", user + ":" + password);
  }

  /** Ends the cluster and returns when nothing of it is left on this machine. */
  @Override
  public void close() {
    client.close();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Path lock = Path.of(kubeconfig().getParent() + ".lock"); // its janitor removes it last
      Instant deadline = Instant.now().plus(PATIENCE);
      while (Files.exists(lock)) {
        if (Instant.now().isAfter(deadline)) {
          throw new IllegalStateException(
              "dev cluster %d is dead, but %s is still there".formatted(number(), lock));
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private String run(String program, String... arguments) {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(Arrays.asList(arguments));
    return new Command(words, environment).run();
  }

  private static String script(String name) {
    return SCRIPTS.resolve(name).toString();
  }

  /** A tool among the cluster's binaries. */
  private static String tool(String name) {
    String where =
        new Command(
                List.of("bash", "-c", ". " + script("settings.sh") + "; echo $binaries"), Map.of())
            .run()
            .strip();
    return Path.of(where, name).toString();
  }

  private static Path scripts() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path scripts = folder.resolve("src/test/cluster");
      if (Files.exists(scripts.resolve("up"))) {
        return scripts;
      }
    }
    throw new IllegalStateException(
        "not inside the repository: found no src/test/cluster above "
            + Path.of("").toAbsolutePath());
  }
}
