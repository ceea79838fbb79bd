package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The API server as the stand-in uses it: JSON in and out, always read from the server, never from
 * a cache.
 */
record Api(KubernetesClient client) {
  private static final Logger LOG = Logger.getLogger(Api.class.getName());

  static final KubernetesSerialization JSON = new KubernetesSerialization();
  private static final int TOO_MANY_REQUESTS = 429;
  static final String GROUP = "kubevirt.io";
  static final String VERSION = GROUP + "/v1";
  static final ResourceDefinitionContext MACHINE = kind("VirtualMachine", "virtualmachines");
  static final ResourceDefinitionContext INSTANCE =
      kind("VirtualMachineInstance", "virtualmachineinstances");

  /** One VirtualMachine, its instance and its pods: they share a name. */
  record Key(String namespace, String name) {
    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }

  private static ResourceDefinitionContext kind(String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion("v1")
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  MixedOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> all(
      ResourceDefinitionContext kind) {
    return client.genericKubernetesResources(kind);
  }

  Optional<ObjectNode> get(ResourceDefinitionContext kind, Key key) {
    return Optional.ofNullable(all(kind).inNamespace(key.namespace()).withName(key.name()).get())
        .map(Api::tree);
  }

  ObjectNode create(ResourceDefinitionContext kind, ObjectNode object) {
    GenericKubernetesResource resource = resource(object);
    return tree(
        all(kind).inNamespace(resource.getMetadata().getNamespace()).resource(resource).create());
  }

  /**
   * Writes the whole object, all but the status where that is a subresource; a conflict is thrown,
   * and retried by the caller.
   */
  ObjectNode replace(ResourceDefinitionContext kind, ObjectNode object) {
    GenericKubernetesResource resource = resource(object);
    return tree(
        all(kind).inNamespace(resource.getMetadata().getNamespace()).resource(resource).update());
  }

  void replaceStatus(ResourceDefinitionContext kind, ObjectNode object) {
    GenericKubernetesResource resource = resource(object);
    all(kind).inNamespace(resource.getMetadata().getNamespace()).resource(resource).updateStatus();
  }

  void delete(ResourceDefinitionContext kind, Key key) {
    all(kind)
        .inNamespace(key.namespace())
        .withName(key.name())
        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
        .delete();
  }

  /** The newest launcher pod of the instance with this uid. */
  Optional<Pod> pod(Key key, String instanceUid) {
    return client
        .pods()
        .inNamespace(key.namespace())
        .withLabel(LauncherPod.CREATED_BY, instanceUid)
        .list()
        .getItems()
        .stream()
        .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
  }

  /** The readiness gate of a guest that is not paused; this stand-in has no other. */
  void passReadinessGate(Pod pod) {
    String status =
        """
        {"status": {"conditions": [{"type": "%s", "status": "True", "reason": "NotPaused",
          "message": "the virtual machine is not paused", "lastProbeTime": "%s", "lastTransitionTime": "%s"}]}}
        """
            .formatted(LauncherPod.UNPAUSED, now(), now());
    client
        .pods()
        .resource(pod)
        .subresource("status")
        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), status);
  }

  /**
   * An Event about a KubeVirt object; one that is refused is let go, as by client-go's recorder.
   */
  void event(
      ResourceDefinitionContext kind,
      JsonNode about,
      String component,
      String type,
      String reason,
      String message) {
    String uid = about.at("/metadata/uid").asText();
    event(kind, key(about), uid, component, type, reason, message);
  }

  /** A Warning about an object of which only the name is known. */
  void event(
      ResourceDefinitionContext kind, Key about, String component, String reason, String message) {
    event(kind, about, null, component, "Warning", reason, message);
  }

  private void event(
      ResourceDefinitionContext kind,
      Key key,
      String uid,
      String component,
      String type,
      String reason,
      String message) {
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withGenerateName(key.name() + ".")
            .withNamespace(key.namespace())
            .endMetadata()
            .withNewInvolvedObject()
            .withApiVersion(VERSION)
            .withKind(kind.getKind())
            .withName(key.name())
            .withNamespace(key.namespace())
            .withUid(uid)
            .endInvolvedObject()
            .withType(type)
            .withReason(reason)
            .withMessage(message.substring(0, Math.min(1024, message.length())))
            .withNewSource(component, null)
            .withReportingComponent(component)
            .withReportingInstance("")
            .withFirstTimestamp(now())
            .withLastTimestamp(now())
            .withCount(1)
            .build();
    try {
      client.v1().events().resource(event).create();
    } catch (KubernetesClientException refused) {
      LOG.log(Level.WARNING, "Event not recorded: " + refused.getMessage());
    }
  }

  static boolean isConflict(KubernetesClientException failure) {
    return failure.getCode() == HttpURLConnection.HTTP_CONFLICT;
  }

  /** Whether the API server understood the request and says no to it, now and again. */
  static boolean isRefusal(KubernetesClientException failure) {
    int code = failure.getCode();
    return code >= 400
        && code < 500
        && code != HttpURLConnection.HTTP_CONFLICT
        && code != HttpURLConnection.HTTP_NOT_FOUND
        && code != TOO_MANY_REQUESTS;
  }

  static Key key(JsonNode object) {
    return new Key(object.at("/metadata/namespace").asText(), object.at("/metadata/name").asText());
  }

  static boolean isDeleting(JsonNode object) {
    return object.path("metadata").has("deletionTimestamp");
  }

  /** Now as Kubernetes writes it, to the second. */
  static String now() {
    return DateTimeFormatter.ISO_INSTANT.format(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
  }

  private static ObjectNode tree(GenericKubernetesResource resource) {
    return JSON.convertValue(resource, ObjectNode.class);
  }

  private static GenericKubernetesResource resource(ObjectNode object) {
    return JSON.convertValue(object, GenericKubernetesResource.class);
  }
}
