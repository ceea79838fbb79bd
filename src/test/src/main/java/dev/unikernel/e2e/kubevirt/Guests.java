package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What virt-handler does on a node: it plumbs the guest's network in the namespace of its pod and
 * learns from the launcher how the guest fares. Both by way of the pod's own files and processes,
 * so it must run where kubelet and containerd do.
 */
final class Guests {

  /** The process that plumbs a guest's network and then serves it, and what it says. */
  private record Network(Process process, Path log) {

    /** Why there is no network; empty as long as the process runs. */
    Optional<String> failure() {
      return process.isAlive()
          ? Optional.empty()
          : Optional.of(
              "the guest's network could not be set up: guest-network ended with %d: %s"
                  .formatted(process.exitValue(), lastLine(log)));
    }
  }

  private final Settings settings;
  private final Map<String, Network> networks = new HashMap<>();
  private final Map<String, String> lastSeen = new HashMap<>();

  Guests(Settings settings) {
    this.settings = settings;
  }

  /**
   * How the guest fares: Running, Succeeded, or Failed with a reason, by the launcher's word or
   * since its network failed; empty before QEMU started.
   */
  Optional<String> state(Pod pod) {
    Optional<String> said = launcherState(pod);
    return said.filter(state -> !state.equals("Running"))
        .or(() -> networkFailure(pod).map(why -> "Failed: " + why))
        .or(() -> said);
  }

  private Optional<String> networkFailure(Pod pod) {
    return Optional.ofNullable(networks.get(pod.getMetadata().getUid())).flatMap(Network::failure);
  }

  private Optional<String> launcherState(Pod pod) {
    try {
      return Optional.of(Files.readString(publicDirectory(pod).resolve("state")).strip());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Whether there is something new about the guest of this pod since the last call. */
  boolean hasNews(Pod pod) {
    String state = state(pod).orElse("");
    return !state.equals(lastSeen.put(pod.getMetadata().getUid(), state));
  }

  /** Gives the guest of a running launcher pod its network, once; the launcher waits for it. */
  void connect(Pod pod, JsonNode instance) {
    String uid = pod.getMetadata().getUid();
    if (networks.containsKey(uid)) {
      return;
    }
    if (instance.at("/spec/domain/devices/interfaces").isEmpty()) {
      networkReady(pod);
      return;
    }
    Optional<String> process = processIn(uid);
    if (process.isEmpty()) {
      return; // it ended meanwhile, which its pod will tell
    }
    List<String> command = new ArrayList<>();
    command.add(settings.guestNetwork().toString());
    command.add(process.get());
    command.add(pod.getStatus().getPodIP());
    command.add(pod.getMetadata().getLabels().get(LauncherPod.NAME));
    command.add(publicDirectory(pod).resolve("network-ready").toString());
    for (JsonNode port : instance.at("/spec/domain/devices/interfaces/0/ports")) {
      command.add(
          port.path("protocol").asText("TCP").toLowerCase(java.util.Locale.ROOT)
              + "/"
              + port.path("port").asInt());
    }
    try {
      Path log = Files.createTempFile("guest-network-", ".log");
      networks.put(
          uid,
          new Network(
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile())
                  .start(),
              log));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void networkReady(Pod pod) {
    try {
      Path mark = publicDirectory(pod).resolve("network-ready");
      if (!Files.exists(mark)) {
        Files.createFile(mark);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Ends what serves the networks of pods that are gone. */
  void keepOnly(Predicate<String> podExists) {
    networks
        .entrySet()
        .removeIf(
            network -> {
              if (podExists.test(network.getKey())) {
                return false;
              }
              network.getValue().process().destroy();
              delete(network.getValue().log());
              lastSeen.remove(network.getKey());
              return true;
            });
  }

  private Path publicDirectory(Pod pod) {
    return settings
        .podDirectory()
        .resolve(pod.getMetadata().getUid())
        .resolve("volumes/kubernetes.io~empty-dir/public");
  }

  /** The id of a process of the pod, found by its cgroup. */
  private static Optional<String> processIn(String podUid) {
    String mark = "pod" + podUid;
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().chars().allMatch(Character::isDigit))
          .filter(process -> cgroups(process).contains(mark) && hasLauncher(process))
          .map(process -> process.getFileName().toString())
          .findFirst();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The sandbox and the guest's own image share the pod's network, but have no tools in them. */
  private static boolean hasLauncher(Path process) {
    return Files.exists(process.resolve("root/usr/local/bin/launcher"));
  }

  private static String lastLine(Path log) {
    try {
      return Files.readString(log).lines().reduce("it said nothing", (_, last) -> last);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String cgroups(Path process) {
    try {
      return Files.readString(process.resolve("cgroup"));
    } catch (IOException _) {
      return ""; // it ended meanwhile
    }
  }
}
