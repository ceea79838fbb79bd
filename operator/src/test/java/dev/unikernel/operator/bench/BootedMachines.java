package dev.unikernel.operator.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Plays the life of every VirtualMachine that is created, from its VirtualMachineInstance and
 * launcher pod until both are ready two seconds later. The objects are as big as KubeVirt 1.9 makes
 * them. It boots nothing, ends nothing, and makes 8 writes for the 31 that KubeVirt and the kubelet
 * make of a start: those that change what a reader of phase and readiness sees.
 */
final class BootedMachines implements AutoCloseable {
  private static final String POD = resource("launcher-pod.json");
  private static final String RUN = resource("virtualmachineinstance.json");
  private static final int THREADS = 8;

  private final ApiCalls api;
  private final ScheduledExecutorService time = Executors.newScheduledThreadPool(THREADS);
  private final CompletableFuture<Void> power = new CompletableFuture<>();
  private final AtomicInteger seen = new AtomicInteger();
  private final AtomicInteger ready = new AtomicInteger();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final Watch watch;

  BootedMachines(KubernetesClient client) {
    this.api = new ApiCalls(client);
    this.watch =
        client
            .genericKubernetesResources("kubevirt.io/v1", "VirtualMachine")
            .inAnyNamespace()
            .watch(
                new Watcher<GenericKubernetesResource>() {
                  @Override
                  public void eventReceived(Action action, GenericKubernetesResource machine) {
                    if (action == Action.ADDED) {
                      seen.incrementAndGet();
                      var _ = power.thenRun(() -> after(0, () -> boot(machine)));
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    fault.compareAndSet(null, cause);
                  }
                });
  }

  /** Machines boot from now on, also those that are there. */
  void powerOn() {
    power.complete(null);
  }

  /** How many machines were created since the start. */
  int seen() {
    return seen.get();
  }

  /** How many have got ready. */
  int ready() {
    return ready.get();
  }

  /**
   * @throws IllegalStateException when something went wrong in the background
   */
  String progress() {
    if (fault.get() != null) {
      throw new IllegalStateException("The machines' life has come to a halt", fault.get());
    }
    return "%,d machines, %,d of them ready".formatted(seen.get(), ready.get());
  }

  /** A pod of the same size that no VirtualMachine has, to be named by {@code @NAME@}. */
  static String foreignPod() {
    var pod = json(POD, "@NAME@", "foreign", "none", "none", false);
    ((ObjectNode) pod.get("metadata")).remove(List.of("labels", "ownerReferences"));
    ((ObjectNode) pod.get("metadata")).put("name", "@NAME@");
    pod.remove("status");
    return pod.toString();
  }

  private void boot(GenericKubernetesResource machine) {
    var meta = machine.getMetadata();
    var name = meta.getName();
    var namespace = meta.getNamespace();
    var template = ApiCalls.JSON.<JsonNode>valueToTree(machine.get("spec", "template"));
    var labels = (ObjectNode) template.at("/metadata/labels");
    var machines = ApiCalls.path(namespace, ApiCalls.MACHINES) + "/" + name + "/status";
    var runs = ApiCalls.path(namespace, ApiCalls.RUNS);
    var pods = ApiCalls.path(namespace, ApiCalls.PODS);

    var run = json(RUN, name, namespace, meta.getUid(), "", false);
    ((ObjectNode) run.at("/metadata/labels")).setAll(labels);
    run.set("spec", template.get("spec"));
    run.set("status", ApiCalls.JSON.createObjectNode().put("phase", "Pending"));
    var uid = api.create(runs, run.toString()).at("/metadata/uid").asText();
    var pod = json(POD, name, namespace, meta.getUid(), uid, false);
    ((ObjectNode) pod.at("/metadata/labels")).setAll(labels);
    pod.remove("status");
    api.create(pods, pod.toString());
    api.merge(machines, "{\"status\": {\"created\": true, \"printableStatus\": \"Starting\"}}");
    var itsPod = pods + "/virt-launcher-" + name + "/status";
    var itsRun = runs + "/" + name;
    after(
        1,
        () -> {
          api.merge(itsPod, status(json(POD, name, namespace, meta.getUid(), uid, false)));
          api.merge(itsRun, status(json(RUN, name, namespace, meta.getUid(), uid, false)));
          after(
              1,
              () -> {
                api.merge(itsPod, status(json(POD, name, namespace, meta.getUid(), uid, true)));
                api.merge(itsRun, status(json(RUN, name, namespace, meta.getUid(), uid, true)));
                api.merge(
                    machines, "{\"status\": {\"ready\": true, \"printableStatus\": \"Running\"}}");
                ready.incrementAndGet();
              });
        });
  }

  private static String status(ObjectNode object) {
    return ApiCalls.JSON
        .createObjectNode()
        .<ObjectNode>set("status", object.get("status"))
        .toString();
  }

  private static ObjectNode json(
      String template, String name, String namespace, String machine, String run, boolean ready) {
    var text =
        template
            .replace("@NAMESPACE@", namespace)
            .replace("@NAME@", name)
            .replace("@VM_UID@", machine)
            .replace("@VMI_UID@", run)
            .replace("@READY@", ready ? "True" : "False")
            .replace("@NOW@", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    try {
      return (ObjectNode) ApiCalls.JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String resource(String name) {
    try (var in = BootedMachines.class.getResourceAsStream("/bench/" + name)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void after(int seconds, Runnable step) {
    var _ =
        time.schedule(
            () -> {
              try {
                step.run();
              } catch (RuntimeException e) {
                fault.compareAndSet(null, e);
              }
            },
            seconds,
            TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    watch.close();
    time.shutdownNow();
    time.close();
  }
}
