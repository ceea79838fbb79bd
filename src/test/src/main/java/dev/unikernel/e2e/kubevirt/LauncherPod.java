package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * The pod KubeVirt 1.9 makes of a VirtualMachineInstance, as far as a user, a quota, a policy or
 * the operator can tell.
 */
record LauncherPod(JsonNode instance, Settings settings) {

  static final String CREATED_BY = "kubevirt.io/created-by";
  static final String NAME = "vm.kubevirt.io/name";
  static final String UNPAUSED = "kubevirt.io/virtual-machine-unpaused";

  Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withGenerateName("virt-launcher-" + name() + "-")
        .withNamespace(instance.at("/metadata/namespace").asText())
        .withLabels(labels())
        .withAnnotations(annotations())
        .addNewOwnerReference()
        .withApiVersion(Api.VERSION)
        .withKind(Api.INSTANCE.getKind())
        .withName(name())
        .withUid(uid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .endOwnerReference()
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withHostname(spec().path("hostname").asText(name()))
        .withTerminationGracePeriodSeconds(containers().graceSeconds() + 30L)
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withNewSecurityContext()
        .withRunAsUser(107L)
        .withRunAsGroup(107L)
        .withRunAsNonRoot(true)
        .withFsGroup(107L)
        .endSecurityContext()
        .withImagePullSecrets(containers().pullSecrets())
        .addNewReadinessGate(UNPAUSED)
        .withNodeSelector(nodeSelector())
        .withAffinity(convert("affinity", Affinity.class))
        .withTolerations(list("tolerations", Toleration.class))
        .withTopologySpreadConstraints(
            list("topologySpreadConstraints", TopologySpreadConstraint.class))
        .withPriorityClassName(spec().path("priorityClassName").asText(null))
        .withSchedulerName(spec().path("schedulerName").asText(null))
        .withDnsPolicy(spec().path("dnsPolicy").asText(null))
        .withDnsConfig(convert("dnsConfig", PodDNSConfig.class))
        .withVolumes(containers().volumes())
        .withInitContainers(containers().initContainers())
        .withContainers(containers().compute())
        .endSpec()
        .build();
  }

  private Map<String, String> labels() {
    Map<String, String> labels = strings(instance.at("/metadata/labels"));
    labels.remove("kubevirt.io/nodeName");
    labels.put("kubevirt.io", "virt-launcher");
    labels.put(CREATED_BY, uid());
    labels.put(NAME, name());
    labels.put("vmi.kubevirt.io/id", name());
    return labels;
  }

  private Map<String, String> annotations() {
    Map<String, String> annotations = strings(instance.at("/metadata/annotations"));
    annotations.keySet().removeIf(key -> key.startsWith("kubectl."));
    annotations.put("kubectl.kubernetes.io/default-container", "compute");
    annotations.put("kubevirt.io/domain", name());
    annotations.put(
        "kubevirt.io/memory-overhead-bytes", String.valueOf(new Domain(spec()).overheadBytes()));
    return annotations;
  }

  private Map<String, String> nodeSelector() {
    Map<String, String> selector = strings(spec().path("nodeSelector"));
    selector.put("kubernetes.io/arch", "amd64");
    selector.put("kubevirt.io/schedulable", "true");
    selector.put("machine-type.node.kubevirt.io/q35", "true");
    return selector;
  }

  private <T> T convert(String field, Class<T> type) {
    return spec().has(field) ? Api.JSON.convertValue(spec().get(field), type) : null;
  }

  private <T> List<T> list(String field, Class<T> type) {
    return StreamSupport.stream(spec().path(field).spliterator(), false)
        .map(item -> Api.JSON.convertValue(item, type))
        .toList();
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new LinkedHashMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }

  private LauncherContainers containers() {
    return new LauncherContainers(spec(), settings);
  }

  private JsonNode spec() {
    return instance.path("spec");
  }

  private String name() {
    return instance.at("/metadata/name").asText();
  }

  private String uid() {
    return instance.at("/metadata/uid").asText();
  }
}
