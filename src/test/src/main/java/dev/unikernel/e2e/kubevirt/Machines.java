package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A VirtualMachine's hold on its one instance, by its run strategy, and the status it shows of it.
 */
final class Machines {

  private static final String CONTROLLER = "virtualmachine-controller";
  private static final String GENERATION = "kubevirt.io/vm-generation";
  private static final Duration RETRY_CREATION = Duration.ofSeconds(5);

  private final Api api;

  Machines(Api api) {
    this.api = api;
  }

  /** Returns when to look again, if nothing happens before. */
  Optional<Duration> step(ObjectNode machine, Optional<ObjectNode> instance) {
    if (Api.isDeleting(machine)) {
      return release(machine, instance);
    }
    if (!finalizers(machine).contains(Instances.RUN)) {
      ObjectNode held = machine.deepCopy();
      held.withObjectProperty("metadata").withArrayProperty("finalizers").add(Instances.RUN);
      api.replace(Api.MACHINE, held);
      return Optional.of(Duration.ZERO);
    }
    ObjectNode next = machine.deepCopy();
    countFailures(next, instance);
    Optional<Duration> wait = instance.isPresent() ? stop(next, instance.get()) : start(next);
    report(machine, next, instance);
    return wait;
  }

  private Optional<Duration> release(ObjectNode machine, Optional<ObjectNode> instance) {
    if (instance.isPresent()) {
      ObjectNode next = machine.deepCopy();
      countFailures(next, instance);
      report(machine, next, instance);
      if (!finalizers(machine).contains("orphan")) {
        delete(machine, instance.get());
        return Optional.empty();
      }
    }
    ObjectNode free = machine.deepCopy();
    ArrayNode finalizers = free.withObjectProperty("metadata").putArray("finalizers");
    finalizers(machine).stream()
        .filter(finalizer -> !finalizer.equals(Instances.RUN))
        .forEach(finalizers::add);
    if (!free.equals(machine)) {
      api.replace(Api.MACHINE, free);
    }
    return Optional.empty();
  }

  private Optional<Duration> stop(ObjectNode machine, ObjectNode instance) {
    boolean unwanted = strategy(machine).equals("Halted");
    boolean again =
        switch (strategy(machine)) {
          case "Always" -> Instances.isFinal(instance);
          case "RerunOnFailure" -> Instances.phase(instance).equals("Failed");
          default -> false;
        };
    if (unwanted || again) {
      delete(machine, instance);
    }
    return Optional.empty();
  }

  private void delete(ObjectNode machine, ObjectNode instance) {
    if (!Api.isDeleting(instance)) {
      api.delete(Api.INSTANCE, Api.key(instance));
      String uid = instance.at("/metadata/uid").asText();
      event(
          machine,
          "SuccessfulDelete",
          "Stopped the virtual machine by deleting the virtual machine instance " + uid);
    }
  }

  private Optional<Duration> start(ObjectNode machine) {
    Duration backoff = Duration.between(Instant.now(), retryAfter(machine));
    if (!wantsToRun(machine)) {
      return Optional.empty();
    }
    if (backoff.isPositive()) {
      return Optional.of(backoff);
    }
    Conditions conditions = new Conditions(machine.withObjectProperty("status"));
    try {
      api.create(Api.INSTANCE, instance(machine));
      conditions.remove("Failure");
    } catch (KubernetesClientException refused) {
      if (refused.getStatus() == null || Api.isConflict(refused)) {
        throw refused; // not the API server's word, or one that is there already
      }
      conditions.setTrue(
          "Failure",
          "FailedCreate",
          "Failure while starting VMI: " + refused.getStatus().getMessage());
      return Optional.of(RETRY_CREATION);
    }
    event(
        machine,
        "SuccessfulCreate",
        "Started the virtual machine by creating the new virtual machine instance "
            + Api.key(machine).name());
    return Optional.of(Duration.ZERO);
  }

  /** Whether a machine without an instance asks for one. */
  private static boolean wantsToRun(JsonNode machine) {
    return switch (strategy(machine)) {
      case "Always", "RerunOnFailure" -> true;
      case "Once" -> !machine.path("status").has("observedGeneration");
      default -> false;
    };
  }

  /** The instance that the machine's template asks for now. */
  private static ObjectNode instance(ObjectNode machine) {
    Api.Key key = Api.key(machine);
    ObjectNode instance = JsonNodeFactory.instance.objectNode();
    instance.put("apiVersion", Api.VERSION).put("kind", Api.INSTANCE.getKind());
    ObjectNode metadata =
        instance.putObject("metadata").put("namespace", key.namespace()).put("name", key.name());
    JsonNode template = machine.at("/spec/template");
    metadata.set("labels", object(template.at("/metadata/labels")));
    ObjectNode annotations = object(template.at("/metadata/annotations"));
    metadata.set(
        "annotations", annotations.put(GENERATION, machine.at("/metadata/generation").asText()));
    metadata.putArray("finalizers").add(Instances.RUN).add(Instances.POD);
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", Api.VERSION)
        .put("kind", Api.MACHINE.getKind())
        .put("name", key.name())
        .put("uid", machine.at("/metadata/uid").asText())
        .put("controller", true)
        .put("blockOwnerDeletion", true);
    instance.set("spec", template.get("spec").deepCopy());
    instance
        .putObject("status")
        .put("phase", "Pending")
        .putArray("phaseTransitionTimestamps")
        .addObject()
        .put("phase", "Pending")
        .put("phaseTransitionTimestamp", Api.now());
    return instance;
  }

  private static ObjectNode object(JsonNode node) {
    return node.isObject() ? node.deepCopy() : JsonNodeFactory.instance.objectNode();
  }

  /**
   * KubeVirt backs off only from guests that never got to run: 10 n² seconds after the nth time, at
   * most 300.
   */
  private static void countFailures(ObjectNode machine, Optional<ObjectNode> instance) {
    ObjectNode status = machine.withObjectProperty("status");
    if (instance.isEmpty()) {
      return;
    }
    boolean ran = reached(instance.get(), "Running");
    String uid = instance.get().at("/metadata/uid").asText();
    if (ran) {
      status.remove("startFailure");
    } else if (Instances.isFinal(instance.get())
        && !status.at("/startFailure/lastFailedVMIUID").asText().equals(uid)) {
      int count = status.at("/startFailure/consecutiveFailCount").asInt() + 1;
      Instant retry =
          Instant.now()
              .plusSeconds(Math.min(10L * count * count, 300))
              .truncatedTo(ChronoUnit.SECONDS);
      status
          .putObject("startFailure")
          .put("consecutiveFailCount", count)
          .put("lastFailedVMIUID", uid)
          .put("retryAfterTimestamp", retry.toString());
    }
  }

  private static boolean reached(JsonNode instance, String phase) {
    for (JsonNode transition : instance.at("/status/phaseTransitionTimestamps")) {
      if (transition.path("phase").asText().equals(phase)) {
        return true;
      }
    }
    return false;
  }

  private static Instant retryAfter(JsonNode machine) {
    String retry = machine.at("/status/startFailure/retryAfterTimestamp").asText("");
    return retry.isEmpty() ? Instant.MIN : Instant.parse(retry);
  }

  private void report(ObjectNode before, ObjectNode machine, Optional<ObjectNode> instance) {
    ObjectNode status = machine.withObjectProperty("status");
    Conditions conditions = new Conditions(status);
    status.put("runStrategy", strategy(machine));
    if (instance.isPresent()) {
      ObjectNode found = instance.get();
      status.put("created", true);
      status.put("observedGeneration", found.at("/metadata/annotations").path(GENERATION).asLong());
      status.put("desiredGeneration", machine.at("/metadata/generation").asLong());
      mirror(conditions, new Conditions(found.withObjectProperty("status")));
      if (found.path("spec").equals(machine.at("/spec/template/spec"))) {
        conditions.remove("RestartRequired");
      } else {
        conditions.setTrue(
            "RestartRequired", "a non-live-updatable field was changed in the template spec");
      }
    } else {
      status.remove("created");
      conditions.setFalse("Ready", "VMINotExists", "VMI does not exist");
    }
    if (conditions.isTrue("Ready")) {
      status.put("ready", true);
    } else {
      status.remove("ready");
    }
    status.put("printableStatus", printableStatus(machine, instance, conditions));
    if (!before.path("status").equals(status)) {
      api.replaceStatus(Api.MACHINE, machine);
    }
  }

  private static void mirror(Conditions machine, Conditions instance) {
    instance
        .find("Ready")
        .ifPresentOrElse(
            machine::copy,
            () ->
                machine.setFalse(
                    "Ready", "VMIConditionMissing", "VMI is missing the Ready condition"));
    for (String type : List.of("PodScheduled", "Synchronized")) {
      instance.find(type).ifPresentOrElse(machine::copy, () -> machine.remove(type));
    }
  }

  /** The first that holds, in KubeVirt's order. */
  private static String printableStatus(
      JsonNode machine, Optional<ObjectNode> instance, Conditions conditions) {
    if (Api.isDeleting(machine)) {
      return "Terminating";
    }
    if (instance.isEmpty()) {
      boolean backingOff = retryAfter(machine).isAfter(Instant.now());
      if (!wantsToRun(machine) || conditions.isTrue("Failure")) {
        return "Stopped";
      }
      return backingOff ? "CrashLoopBackOff" : "Starting";
    }
    JsonNode found = instance.get();
    if (Api.isDeleting(found) && !Instances.isFinal(found)) {
      return "Stopping";
    }
    if (Instances.phase(found).equals("Running")) {
      return "Running";
    }
    if (conditions.problem("PodScheduled").filter("Unschedulable"::equals).isPresent()) {
      return "ErrorUnschedulable";
    }
    Optional<String> unsynchronized =
        conditions
            .problem("Synchronized")
            .filter(Set.of("ErrImagePull", "ImagePullBackOff")::contains);
    return unsynchronized.orElse(Instances.isFinal(found) ? "Stopped" : "Starting");
  }

  private void event(JsonNode machine, String reason, String message) {
    api.event(Api.MACHINE, machine, CONTROLLER, "Normal", reason, message);
  }

  private static List<String> finalizers(JsonNode object) {
    return object.at("/metadata/finalizers").valueStream().map(JsonNode::asText).toList();
  }

  private static String strategy(JsonNode machine) {
    return machine.at("/spec/runStrategy").asText();
  }
}
