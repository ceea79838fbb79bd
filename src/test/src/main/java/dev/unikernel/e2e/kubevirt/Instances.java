package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A VirtualMachineInstance's way from Pending to Succeeded or Failed, one step a call, each a write
 * that others can see.
 */
final class Instances {

  static final String RUN = "kubevirt.io/virtualMachineControllerFinalize";
  static final String POD = "kubevirt.io/foregroundDeleteVirtualMachine";
  private static final Set<String> FINAL = Set.of("Succeeded", "Failed");
  private static final String CONTROLLER = "virtualmachine-controller";

  private final Api api;
  private final Guests guests;
  private final Settings settings;
  private final Terminal terminal;
  private final Map<String, Refusals> refusals = new HashMap<>();

  /** How often the API server refused the pod of an instance, and when to ask again. */
  private record Refusals(int count, Instant again) {
    static final Refusals NONE = new Refusals(0, Instant.MIN);

    Refusals another() {
      Duration wait = Duration.ofMillis(250L << Math.min(count + 1, 6));
      return new Refusals(count + 1, Instant.now().plus(wait));
    }

    Duration remaining() {
      return Duration.between(Instant.now(), again);
    }
  }

  Instances(Api api, Guests guests, Settings settings, Terminal terminal) {
    this.api = api;
    this.guests = guests;
    this.settings = settings;
    this.terminal = terminal;
  }

  static String phase(JsonNode instance) {
    return instance.at("/status/phase").asText("");
  }

  static boolean isFinal(JsonNode instance) {
    return FINAL.contains(phase(instance));
  }

  /** Returns when to look again, if nothing happens before. */
  Optional<Duration> step(ObjectNode instance) {
    Optional<Pod> pod = api.pod(Api.key(instance), uid(instance));
    if (Api.isDeleting(instance)) {
      return dismantle(instance, pod);
    }
    if (pod.isEmpty() && phase(instance).equals("Pending")) {
      return createPod(instance);
    }
    ObjectNode next = instance.deepCopy();
    follow(next, pod);
    write(instance, next);
    return Optional.empty();
  }

  private Optional<Duration> dismantle(ObjectNode instance, Optional<Pod> pod) {
    pod.filter(running -> running.getMetadata().getDeletionTimestamp() == null)
        .ifPresent(
            running -> {
              api.client().resource(running).delete();
              event(
                  instance,
                  "Normal",
                  "SuccessfulDelete",
                  "Deleted virtual machine pod " + running.getMetadata().getName());
            });
    ObjectNode next = instance.deepCopy();
    follow(next, api.pod(Api.key(instance), uid(instance)));
    if (!phase(instance).equals(phase(next))) {
      write(instance, next);
      return Optional.of(Duration.ZERO);
    }
    if (isFinal(next)) {
      removeFinalizer(next, RUN);
      if (pod.isEmpty()) {
        removeFinalizer(next, POD);
      }
    }
    write(instance, next);
    return Optional.empty();
  }

  private Optional<Duration> createPod(ObjectNode instance) {
    String uid = uid(instance);
    Refusals before = refusals.getOrDefault(uid, Refusals.NONE);
    if (before.again().isAfter(Instant.now())) {
      return Optional.of(before.remaining());
    }
    try {
      Pod pod = api.client().resource(new LauncherPod(instance, settings).pod()).create();
      api.passReadinessGate(pod);
      event(
          instance,
          "Normal",
          "SuccessfulCreate",
          "Created virtual machine pod " + pod.getMetadata().getName());
      refusals.remove(uid);
      return Optional.of(Duration.ZERO);
    } catch (KubernetesClientException refused) {
      if (refused.getStatus() == null) {
        throw refused; // not the API server's word
      }
      String sentence = refused.getStatus().getMessage();
      event(instance, "Warning", "FailedCreate", refusedEvent(instance, sentence));
      ObjectNode next = instance.deepCopy();
      Conditions conditions = new Conditions(next.withObjectProperty("status"));
      conditions.setFalse("Ready", "PodNotExists", "virt-launcher pod has not yet been scheduled");
      conditions.setFalse("Synchronized", "FailedCreate", refusal(instance, sentence));
      write(instance, next);
      Refusals now = before.another();
      refusals.put(uid, now);
      return Optional.of(now.remaining());
    }
  }

  private static String refusedEvent(JsonNode instance, String message) {
    return violatesPodSecurity(message)
        ? "failed to render launch manifest: " + refusal(instance, message)
        : "Error creating pod: " + message;
  }

  private static boolean violatesPodSecurity(String message) {
    return message.contains("violates PodSecurity");
  }

  private static String refusal(JsonNode instance, String message) {
    if (violatesPodSecurity(message)) {
      Api.Key key = Api.key(instance);
      return "failed to create pod for vmi %s/%s, it needs a privileged namespace to run: %s"
          .formatted(key.namespace(), key.name(), message);
    }
    return "failed to create virtual machine pod: " + message;
  }

  /** What the pod and the guest in it say about the instance, written into its status. */
  private void follow(ObjectNode instance, Optional<Pod> pod) {
    ObjectNode status = instance.withObjectProperty("status");
    Conditions conditions = new Conditions(status);
    Optional<End> end =
        pod.isPresent() ? pod.flatMap(this::end) : Optional.of(new End("Failed", Optional.empty()));
    boolean started = Set.of("Scheduled", "Running").contains(phase(instance));
    if (isFinal(instance)) {
      ready(conditions, pod, false);
    } else if (end.isPresent()) {
      // As with KubeVirt, whose node agent writes the phase and whose controller the conditions:
      // for a moment it is final and Ready.
      if (!Api.isDeleting(instance) && !phase(instance).equals("Running")) {
        end.get().why().ifPresent(why -> neverRan(instance, conditions, why));
      }
      enter(instance, end.get().phase());
    } else if (Api.isDeleting(instance) && !started) {
      enter(instance, "Failed");
      ready(conditions, pod, false);
    } else {
      boolean ran =
          phase(instance)
              .equals(
                  "Running"); // the node agent writes Running before the controller looks at the
      // pod
      advance(instance, pod.orElseThrow());
      ready(conditions, pod, ran);
      problems(conditions, pod.orElseThrow());
    }
  }

  /** The final phase of a guest that ended, and why it did, where that is known. */
  private record End(String phase, Optional<String> why) {

    /** Of a guest's state: {@code Succeeded}, {@code Failed: why}. */
    static End of(String state) {
      String[] parts = state.split(": ", 2);
      return new End(parts[0], parts.length == 1 ? Optional.empty() : Optional.of(parts[1]));
    }
  }

  private Optional<End> end(Pod pod) {
    return guests
        .state(pod)
        .filter(state -> !state.equals("Running"))
        .map(End::of)
        .or(() -> ended(pod));
  }

  /** A launcher that ended without a word, or a pod that did. */
  private static Optional<End> ended(Pod pod) {
    Optional<String> compute =
        pod.getStatus().getContainerStatuses().stream()
            .filter(container -> container.getName().equals("compute"))
            .flatMap(container -> Stream.ofNullable(container.getState().getTerminated()))
            .map(
                end ->
                    "the launcher ended with exit code %d (%s)"
                        .formatted(end.getExitCode(), end.getReason()))
            .findFirst();
    return compute.isPresent() || FINAL.contains(pod.getStatus().getPhase())
        ? Optional.of(new End("Failed", compute))
        : Optional.empty();
  }

  /** What a failure before the guest ran looks like: the node agent could not bring it to run. */
  private void neverRan(JsonNode instance, Conditions conditions, String why) {
    conditions.setFalse("Synchronized", "Synchronizing with the Domain failed.", why);
    api.event(Api.INSTANCE, instance, "virt-handler", "Warning", "SyncFailed", why);
    terminal.say(Api.key(instance) + ": " + why);
  }

  private void advance(ObjectNode instance, Pod pod) {
    ObjectNode status = instance.withObjectProperty("status");
    status
        .putObject("activePods")
        .put(
            pod.getMetadata().getUid(),
            Optional.ofNullable(pod.getSpec().getNodeName()).orElse(""));
    switch (phase(instance)) {
      case "", "Pending" -> enter(instance, "Scheduling");
      case "Scheduling" -> {
        if (isComputing(pod)) {
          enter(instance, "Scheduled");
          status.put("nodeName", pod.getSpec().getNodeName());
          instance
              .withObjectProperty("metadata")
              .withObjectProperty("labels")
              .put("kubevirt.io/nodeName", pod.getSpec().getNodeName());
        }
      }
      case "Scheduled" -> {
        guests.connect(pod, instance);
        if (guests.state(pod).filter("Running"::equals).isPresent()) {
          enter(instance, "Running");
          networkInterface(status, instance, pod);
        }
      }
      default -> {}
    }
  }

  private static boolean isComputing(Pod pod) {
    return pod.getStatus().getPodIP() != null
        && pod.getStatus().getContainerStatuses().stream()
            .anyMatch(
                container ->
                    container.getName().equals("compute")
                        && container.getState().getRunning() != null);
  }

  private static void networkInterface(ObjectNode status, JsonNode instance, Pod pod) {
    JsonNode asked = instance.at("/spec/domain/devices/interfaces/0");
    if (!asked.isMissingNode()) {
      ObjectNode found = status.putArray("interfaces").addObject();
      found
          .put("name", asked.path("name").asText())
          .put("ipAddress", pod.getStatus().getPodIP())
          .put("podInterfaceName", "eth0");
      found.putArray("ipAddresses").add(pod.getStatus().getPodIP());
    }
  }

  private static void ready(Conditions conditions, Optional<Pod> pod, boolean running) {
    if (pod.isEmpty()) {
      conditions.setFalse("Ready", "PodNotExists", "virt-launcher pod has not yet been scheduled");
    } else if (pod.get().getMetadata().getDeletionTimestamp() != null) {
      conditions.setFalse("Ready", "PodTerminating", "virt-launcher pod is terminating");
    } else if (!running) {
      conditions.setFalse("Ready", "GuestNotRunning", "Guest VM is not reported as running");
    } else {
      podCondition(pod.get(), "Ready")
          .ifPresent(
              ready -> {
                if (ready.getStatus().equals("True")) {
                  conditions.setTrue("Ready");
                } else {
                  conditions.setFalse("Ready", ready.getReason(), ready.getMessage());
                }
              });
    }
  }

  /** Why the pod does not get on: no node, or no image. */
  private static void problems(Conditions conditions, Pod pod) {
    podCondition(pod, "PodScheduled")
        .filter(scheduled -> scheduled.getStatus().equals("False"))
        .ifPresentOrElse(
            scheduled ->
                conditions.setFalse("PodScheduled", scheduled.getReason(), scheduled.getMessage()),
            () -> conditions.remove("PodScheduled"));
    Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream())
        .flatMap(container -> waiting(container).stream())
        .filter(waiting -> Set.of("ErrImagePull", "ImagePullBackOff").contains(waiting.getReason()))
        .findFirst()
        .ifPresentOrElse(
            waiting ->
                conditions.setFalse("Synchronized", waiting.getReason(), waiting.getMessage()),
            () -> conditions.remove("Synchronized"));
  }

  private static Optional<ContainerStateWaiting> waiting(ContainerStatus container) {
    return Optional.ofNullable(container.getState().getWaiting())
        .filter(waiting -> waiting.getReason() != null);
  }

  private static Optional<PodCondition> podCondition(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst();
  }

  private void enter(ObjectNode instance, String phase) {
    ObjectNode status = instance.withObjectProperty("status");
    status.put("phase", phase);
    status
        .withArrayProperty("phaseTransitionTimestamps")
        .addObject()
        .put("phase", phase)
        .put("phaseTransitionTimestamp", Api.now());
    switch (phase) {
      case "Running" ->
          api.event(
              Api.INSTANCE,
              instance,
              "virt-handler",
              "Normal",
              "Started",
              "VirtualMachineInstance started.");
      case "Succeeded" ->
          api.event(
              Api.INSTANCE,
              instance,
              "virt-handler",
              "Normal",
              "Stopped",
              "The VirtualMachineInstance was shut down.");
      case "Failed" ->
          api.event(
              Api.INSTANCE,
              instance,
              "virt-handler",
              "Warning",
              "Stopped",
              "The VirtualMachineInstance crashed.");
      default -> {}
    }
  }

  private void event(JsonNode instance, String type, String reason, String message) {
    api.event(Api.INSTANCE, instance, CONTROLLER, type, reason, message);
  }

  private void write(ObjectNode before, ObjectNode after) {
    if (!before.equals(after)) {
      api.replace(Api.INSTANCE, after);
    }
  }

  private static void removeFinalizer(ObjectNode instance, String finalizer) {
    ArrayNode finalizers = instance.withObjectProperty("metadata").withArrayProperty("finalizers");
    for (int index = finalizers.size() - 1; index >= 0; index--) {
      if (finalizers.get(index).asText().equals(finalizer)) {
        finalizers.remove(index);
      }
    }
  }

  private static String uid(JsonNode instance) {
    return instance.at("/metadata/uid").asText();
  }
}
