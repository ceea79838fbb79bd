package dev.unikernel.operator.backend.kubevirt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/** Watch streams of a real KubeVirt, read as the operator would have seen them. */
final class Recordings {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

  /** One moment: the instance as it was derived, {@code t} seconds after the start. */
  record Moment(double t, Instance instance) {}

  private record Change(double t, String kind, String type, ObjectNode object) {}

  private final Map<String, VirtualMachine> machines = new TreeMap<>();
  private final Map<String, VirtualMachineInstance> runs = new TreeMap<>();
  private final Map<String, Pod> pods = new TreeMap<>();

  private Recordings() {}

  /** The directory of recordings or observations, or the calling test is skipped. */
  static Path directory(String name) {
    var directory = RealApiServer.repository().resolve("../shared/data").resolve(name);
    assumeTrue(
        Files.isDirectory(directory),
        () -> "skipped: there are no recordings of a real KubeVirt at " + directory);
    return directory;
  }

  /** What the operator would have derived of this machine after each change. */
  static List<Moment> replay(Path scenario, String machine) {
    var state = new Recordings();
    var moments = new ArrayList<Moment>();
    for (var change : changes(scenario)) {
      state.take(change);
      var seen = state.machines.get(machine);
      if (seen != null) {
        moments.add(new Moment(change.t(), state.derive(seen)));
      }
    }
    return moments;
  }

  /** The instance of one machine among objects that were written down at one moment. */
  static Instance observed(Path situation) {
    var state = new Recordings();
    state.put("vm", read(situation.resolve("vm.yaml")));
    if (Files.exists(situation.resolve("vmi.yaml"))) {
      state.put("vmi", read(situation.resolve("vmi.yaml")));
    }
    if (Files.exists(situation.resolve("pod.yaml"))) {
      state.put("pod", read(situation.resolve("pod.yaml")));
    }
    return state.derive(state.machines.values().iterator().next());
  }

  private static ObjectNode read(Path yaml) {
    try {
      return (ObjectNode)
          JSON.readTree(KUBERNETES.asJson(KUBERNETES.unmarshal(Files.readString(yaml), Map.class)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Instance derive(VirtualMachine machine) {
    return Instances.of(List.of(machine), runs.values(), pods.values()).getFirst();
  }

  private static List<Change> changes(Path scenario) {
    var changes = new ArrayList<Change>();
    for (var kind : List.of("vm", "vmi", "pod")) {
      var file = scenario.resolve(kind + ".jsonl.gz");
      if (Files.exists(file)) {
        try (var lines =
            new BufferedReader(
                new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
          for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            var node = JSON.readTree(line);
            changes.add(change(kind, node));
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    changes.sort(Comparator.comparingDouble(Change::t));
    return changes;
  }

  private static Change change(String kind, JsonNode node) {
    return new Change(
        node.get("t").asDouble(), kind, node.get("type").asText(), (ObjectNode) node.get("object"));
  }

  private void take(Change change) {
    if (change.type().equals("DELETED")) {
      var uid = change.object().path("metadata").path("uid").asText();
      List.of(machines, runs, pods)
          .forEach(all -> all.values().removeIf(one -> one.getMetadata().getUid().equals(uid)));
    } else {
      put(change.kind(), change.object());
    }
  }

  private void put(String kind, ObjectNode object) {
    var json = object.toString();
    switch (kind) {
      case "vm" -> {
        var machine = KUBERNETES.unmarshal(json, VirtualMachine.class);
        machine.getMetadata().setOwnerReferences(List.of(Owned.by(service())));
        Slim.machine(machine);
        put(machines, machine);
      }
      case "vmi" -> {
        var run = KUBERNETES.unmarshal(json, VirtualMachineInstance.class);
        Slim.run(run);
        put(runs, run);
      }
      default -> {
        var pod = KUBERNETES.unmarshal(json, Pod.class);
        pod.getMetadata().getLabels().put(Owned.SERVING, "true");
        pod.getMetadata().getLabels().put(Owned.SERVICE, "web");
        Slim.pod(pod);
        put(pods, pod);
      }
    }
  }

  private static UnikernelService service() {
    var service = new UnikernelService();
    service.setMetadata(new ObjectMetaBuilder().withName("web").withUid("uid-1").build());
    return service;
  }

  private static <R extends HasMetadata> void put(Map<String, R> all, R object) {
    all.put(object.getMetadata().getName(), object);
  }
}
