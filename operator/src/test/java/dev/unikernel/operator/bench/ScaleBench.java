package dev.unikernel.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.builder.bench.Figure;
import dev.unikernel.operator.backend.kubevirt.PlayedKubeVirt;
import dev.unikernel.operator.image.PublishedImage;
import dev.unikernel.operator.testing.Rights;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The operator as it is shipped on a real API server, with 2,000 services of 4 instances, one
 * service of 1,000, and a cluster full of what is not its own. {@code -Dbench.services=200} makes
 * all of it smaller.
 */
public final class ScaleBench {
  private static final int SERVICES = Integer.getInteger("bench.services", 2_000);
  private static final int EACH = 4;
  private static final int REPLICAS = SERVICES / 2;
  private static final int FOREIGN_CONFIG_MAPS = 4 * SERVICES;
  private static final int FOREIGN_PODS = 5 * SERVICES;
  private static final int FOREIGN_BYTES = 10_000;

  /** The pace of creation; a slower machine is given the next when an earlier one is ready. */
  private static final int SERVICES_PER_SECOND = 10;

  private static final int MOST_STARTING = 10;
  private static final int NAMESPACES = 20;
  private static final String ONE = "one-service";
  private static final int WRITERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final RealApiServer server;
  private final KubernetesClient client;
  private final ApiCalls api;
  private final Path directory;
  private final AuditLog writes;
  private OperatorProcess operator;

  private ScaleBench(Path directory) throws Exception {
    this.directory = directory;
    this.writes = AuditLog.in(directory);
    this.server =
        RealApiServer.startWithCrds(
            writes.policyFlag(), writes.logFlag(), "--audit-log-maxsize=10000");
    this.client = server.client();
    this.api = new ApiCalls(client);
  }

  public static void main(String[] arguments) throws Exception {
    var target = RealApiServer.repository().resolve("operator/target");
    var bench = new ScaleBench(Files.createTempDirectory(target, "scale-bench").toAbsolutePath());
    Thread.setDefaultUncaughtExceptionHandler(
        (_, fault) -> {
          fault.printStackTrace();
          System.exit(1); // the client's threads are no daemons
        });
    try {
      bench.run();
    } finally {
      bench.close();
    }
    System.exit(0);
  }

  private void run() throws Exception {
    PlayedKubeVirt.install(client);
    Rights.grantAccount(client);
    publishImages();
    operator = start("empty");
    say("only images there: ready after %.1f s", operator.secondsToReady());
    awaitIdle();
    manyServices(plainLoop(manyReplicas()));
    var alone = restart("full");
    startFigures(alone);
    foreigners();
    var crowded = restart("crowded");
    new Figure(
            "memory that %,d foreign ConfigMaps and %,d foreign pods cost"
                .formatted(FOREIGN_CONFIG_MAPS, FOREIGN_PODS),
            crowded.peakMiB() - alone.peakMiB(),
            "MiB",
            20,
            "without them",
            alone.peakMiB())
        .print();
    new Figure(
            "start that they cost",
            crowded.seconds() - alone.seconds(),
            "s",
            2,
            "without them",
            alone.seconds())
        .print();
  }

  /** Before the operator starts: it would build what is there without a status. */
  private void publishImages() {
    namespace(ONE);
    publish(ONE, "image");
    for (int i = 0; i < NAMESPACES; i++) {
      namespace(tenant(i));
    }
    inParallel(SERVICES, i -> publish(tenant(i), "image-" + i));
  }

  // --- one service of 1,000 ------------------------------------------------------------------

  /**
   * Creation of the one service's instances.
   *
   * @param seconds until all were created
   * @param machine one of them
   */
  private record Creation(double seconds, JsonNode machine) {}

  private Creation manyReplicas() throws Exception {
    double created;
    long start = System.nanoTime();
    try (var machines = new BootedMachines(client)) {
      api.create(ApiCalls.path(ONE, ApiCalls.SERVICES), service("big", REPLICAS));
      await("all instances are created", () -> machines.seen() >= REPLICAS, machines::progress);
      created = seconds(start);
      var before = operator.metrics();
      machines.powerOn();
      await("all machines run", () -> machines.ready() >= REPLICAS, machines::progress);
      await("the service is ready", () -> isReady(ONE, "big"), () -> readiness(ONE, "big"));
      awaitIdle();
      var after = operator.metrics();
      say(
          "one service of %,d: %.0f passes while it boots, %.0f ms each",
          REPLICAS,
          after.servicePasses() - before.servicePasses(),
          1000
              * (after.serviceSeconds() - before.serviceSeconds())
              / (after.servicePasses() - before.servicePasses()));
    }
    new Figure(
            "one service of %,d: observe and plan".formatted(REPLICAS),
            new PlannedPass(client, ONE).milliseconds(),
            "ms",
            50)
        .print();
    var status = api.get(ApiCalls.path(ONE, ApiCalls.SERVICES) + "/big").get("status");
    new Figure(
            "one service of %,d: its status".formatted(REPLICAS),
            status.toString().length() / 1024.0,
            "KiB",
            64,
            "etcd's limit",
            1536)
        .print();
    var machine = api.get(ApiCalls.path(ONE, ApiCalls.MACHINES) + "?limit=1").at("/items/0");
    remove(ONE);
    awaitIdle();
    return new Creation(created, machine);
  }

  /**
   * The peer: as many VirtualMachines, made by a plain loop.
   *
   * @return CPU milliseconds of this client for each
   */
  private double plainLoop(Creation ours) throws Exception {
    namespace("peer");
    var machine = ours.machine();
    var template = ((ObjectNode) machine).deepCopy();
    template.remove("status");
    template.set(
        "metadata",
        ApiCalls.JSON
            .createObjectNode()
            .put("name", "@")
            .<ObjectNode>set("annotations", machine.at("/metadata/annotations"))
            .set("labels", machine.at("/metadata/labels")));
    var text = template.toString();
    double cpu = ownCpuSeconds();
    long start = System.nanoTime();
    for (int i = 0; i < REPLICAS; i++) {
      api.create(
          ApiCalls.path("peer", ApiCalls.MACHINES),
          text.replace("\"name\":\"@\"", "\"name\":\"peer-" + i + "\""));
    }
    double seconds = seconds(start);
    double spent = (ownCpuSeconds() - cpu) * 1000 / REPLICAS;
    api.deleteAll(ApiCalls.path("peer", ApiCalls.MACHINES));
    new Figure(
            "one service of %,d: until all are created".formatted(REPLICAS),
            ours.seconds(),
            "s",
            seconds,
            "a plain loop of creates",
            seconds)
        .print();
    return spent;
  }

  // --- 2,000 services of 4 ---------------------------------------------------------------------

  private void manyServices(double peerCpu) throws Exception {
    int instances = SERVICES * EACH;
    var before = operator.metrics();
    double cpu = operator.cpuSeconds();
    writes.reset();
    long start = System.nanoTime();
    try (var machines = new BootedMachines(client)) {
      machines.powerOn();
      for (int i = 0; i < SERVICES; i++) {
        int made = i;
        await(
            "no more than " + MOST_STARTING + " services are starting",
            () -> made - machines.ready() / EACH < MOST_STARTING,
            machines::progress);
        api.create(ApiCalls.path(tenant(i), ApiCalls.SERVICES), service("service-" + i, EACH));
        long due = start + (i + 1) * (1_000_000_000L / SERVICES_PER_SECOND);
        Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
        if (made % 200 == 199) {
          say(
              "%,d services asked for, %s; operator: peak %.0f MiB, %.0f s CPU, %.0f passes",
              made + 1,
              machines.progress(),
              operator.peakMiB(),
              operator.cpuSeconds() - cpu,
              operator.metrics().passes() - before.passes());
        }
      }
      await("all machines run", () -> machines.ready() >= instances, machines::progress);
    }
    awaitIdle();
    int unready = unreadyServices();
    if (unready > 0) {
      throw new IllegalStateException(unready + " services are not ready");
    }
    var after = operator.metrics();
    cpu = operator.cpuSeconds() - cpu;
    say(
        "%,d instances in %.0f s: %.1f passes of %.1f ms each, %.0f failed passes; p50 %.0f ms, p90 %.0f ms; after a collection %.0f MiB",
        instances,
        seconds(start),
        (after.servicePasses() - before.servicePasses()) / instances,
        1000
            * (after.serviceSeconds() - before.serviceSeconds())
            / (after.servicePasses() - before.servicePasses()),
        after.failures() - before.failures(),
        1000 * after.quantile(0.5, before),
        1000 * after.quantile(0.9, before),
        operator.collectedMiB());
    writes.summary().forEach((what, count) -> say("  %,7d %s", count, what));
    var name = "%,d services of %d: ".formatted(SERVICES, EACH);
    new Figure(name + "memory at most", operator.peakMiB(), "MiB", 256).print();
    new Figure(
            name + "99 of 100 passes end within",
            1000 * after.quantile(0.99, before),
            "ms",
            100,
            "99 of 100 of its writes at the API server",
            writes.p99Milliseconds())
        .print();
    new Figure(
            name + "CPU for each instance",
            1000 * cpu / instances,
            "ms",
            8,
            "a plain loop of creates",
            peerCpu)
        .print();
    new Figure(
            name + "API writes for each instance",
            (double) writes.count() / instances,
            "",
            4,
            "a plain loop of creates",
            1)
        .print();
  }

  /** What a start of the operator took, until everything was reconciled: seconds, MiB. */
  private record Start(double seconds, double peakMiB) {}

  private Start restart(String name) throws Exception {
    operator.close();
    writes.reset();
    operator = start(name);
    await(
        "every object was reconciled",
        () -> operator.metrics().passes() >= 2 * SERVICES,
        () -> operator.metrics().passes() + " passes");
    awaitIdle();
    var start = new Start(operator.secondsToReady(), operator.peakMiB());
    say(
        "%s: ready after %.1f s, peak %.0f MiB, after a collection %.0f MiB, %.1f s CPU for %.0f passes",
        name,
        start.seconds(),
        start.peakMiB(),
        operator.collectedMiB(),
        operator.cpuSeconds(),
        operator.metrics().passes());
    return start;
  }

  private void startFigures(Start alone) throws Exception {
    var name = "%,d services of %d there: ".formatted(SERVICES, EACH);
    new Figure(name + "start to ready", alone.seconds(), "s", 10).print();
    new Figure(name + "writes of a resync", writes.count(), "", 0).print();
    writes.summary().forEach((what, count) -> say("  %,7d %s", count, what));
  }

  // --- what is not ours ------------------------------------------------------------------------

  private void foreigners() throws Exception {
    namespace("foreign");
    var content = "x".repeat(FOREIGN_BYTES);
    inParallel(
        FOREIGN_CONFIG_MAPS,
        i ->
            api.create(
                ApiCalls.path("foreign", ApiCalls.CONFIG_MAPS),
                "{\"metadata\": {\"name\": \"map-%d\"}, \"data\": {\"content\": \"%s\"}}"
                    .formatted(i, content)));
    var pod = BootedMachines.foreignPod();
    inParallel(
        FOREIGN_PODS,
        i ->
            api.create(ApiCalls.path("foreign", ApiCalls.PODS), pod.replace("@NAME@", "pod-" + i)));
  }

  // --- requests and waits --------------------------------------------------------------------

  private OperatorProcess start(String name) throws Exception {
    return OperatorProcess.start(client, directory, name);
  }

  private static String tenant(int i) {
    return "tenant-" + i % NAMESPACES;
  }

  private void namespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  private void publish(String namespace, String name) {
    var image = PublishedImage.named(name, namespace);
    var json = Serialization.asJson(image);
    api.create(ApiCalls.path(namespace, ApiCalls.IMAGES), json);
    api.merge(ApiCalls.path(namespace, ApiCalls.IMAGES) + "/" + name + "/status", json);
  }

  private static String service(String name, int replicas) {
    var image = name.equals("big") ? "image" : name.replace("service", "image");
    return """
        {"apiVersion": "unikernel.dev/v1alpha1", "kind": "UnikernelService",
         "metadata": {"name": "%s"},
         "spec": {"image": {"name": "%s"}, "replicas": %d,
           "resources": {"cpu": 1, "memory": "256Mi"},
           "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
           "readinessProbe": {"httpGet": {"path": "/", "port": "http"}}}}
        """
        .formatted(name, image, replicas);
  }

  private void remove(String namespace) {
    for (var resource :
        List.of(ApiCalls.SERVICES, ApiCalls.MACHINES, ApiCalls.RUNS, ApiCalls.PODS)) {
      api.deleteAll(ApiCalls.path(namespace, resource));
    }
  }

  private boolean isReady(String namespace, String name) {
    return ready(api.get(ApiCalls.path(namespace, ApiCalls.SERVICES) + "/" + name));
  }

  private String readiness(String namespace, String name) {
    return api.get(ApiCalls.path(namespace, ApiCalls.SERVICES) + "/" + name)
        .at("/status/conditions")
        .toString();
  }

  private static boolean ready(JsonNode service) {
    for (var condition : service.at("/status/conditions")) {
      if (condition.get("type").asText().equals("Ready")) {
        return condition.get("status").asText().equals("True");
      }
    }
    return false;
  }

  private int unreadyServices() {
    int unready = 0;
    for (int i = 0; i < Math.min(NAMESPACES, SERVICES); i++) {
      for (var service : api.get(ApiCalls.path(tenant(i), ApiCalls.SERVICES)).get("items")) {
        unready += ready(service) ? 0 : 1;
      }
    }
    return unready;
  }

  private static void inParallel(int count, IntConsumer write) {
    try (var writers = Executors.newFixedThreadPool(WRITERS)) {
      var all =
          IntStream.range(0, WRITERS)
              .mapToObj(
                  writer ->
                      writers.submit(
                          () -> {
                            for (int i = writer; i < count; i += WRITERS) {
                              write.accept(i);
                            }
                          }))
              .toList();
      for (var one : all) {
        one.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Until nothing was written, and no object has waited for its pass, for three seconds. Passes
   * never end: each object is reconciled again every ten minutes.
   */
  private void awaitIdle() throws InterruptedException {
    long written = -1;
    for (int quiet = 0; quiet < 3; ) {
      operator.assertAlive();
      long count = writes.count();
      quiet = operator.metrics().unfinished() == 0 && count == written ? quiet + 1 : 0;
      written = count;
      Thread.sleep(1000);
    }
  }

  private void await(String what, BooleanSupplier condition, Supplier<String> state)
      throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      operator.assertAlive();
      if (seconds(start) > PATIENCE.toSeconds()) {
        throw new IllegalStateException(
            "After %s it is not so that %s: %s".formatted(PATIENCE, what, state.get()));
      }
      Thread.sleep(20);
    }
  }

  private static double ownCpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private void close() {
    if (operator != null) {
      operator.close();
    }
    server.close();
  }
}
