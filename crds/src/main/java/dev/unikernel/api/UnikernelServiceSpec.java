package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;

/** How many of which image to keep serving, and how to change them. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelServiceSpec(
    ImageRef image,
    Integer replicas,
    Resources resources,
    List<Port> ports,
    Placement placement,
    Probe readinessProbe,
    Probe livenessProbe,
    Rollout rollout,
    ServiceTemplate service) {

  /** A UnikernelImage of the same namespace; {@code digest} pins one of its builds. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ImageRef(String name, String digest) {}

  /** What one guest gets: whole virtual CPUs and memory. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Resources(Integer cpu, Quantity memory) {}

  /** One served port: {@code port} on the Service, {@code targetPort} in the guest. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Port(String name, Integer port, Integer targetPort, Protocol protocol) {}

  /** Transport protocols a guest can serve. */
  public enum Protocol {
    TCP,
    UDP
  }

  /** Where the guests run; exactly one back end. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Placement(KubeVirtPlacement kubevirt) {}

  /** Scheduling of the virtual machines' pods, copied to each of them. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record KubeVirtPlacement(
      Map<String, String> nodeSelector,
      Affinity affinity,
      List<Toleration> tolerations,
      List<TopologySpreadConstraint> topologySpreadConstraints,
      String priorityClassName) {}

  /** A check of the guest from outside: {@code httpGet} or {@code tcpSocket}, exactly one. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Probe(
      HttpGet httpGet,
      TcpSocket tcpSocket,
      Integer initialDelaySeconds,
      Integer periodSeconds,
      Integer timeoutSeconds,
      Integer successThreshold,
      Integer failureThreshold) {}

  /** An HTTP request that a healthy guest answers with 200 to 399. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record HttpGet(String path, IntOrString port) {}

  /** A connection that a healthy guest accepts. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record TcpSocket(IntOrString port) {}

  /** The bounds of a rolling update. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Rollout(
      IntOrString maxSurge,
      IntOrString maxUnavailable,
      Integer minReadySeconds,
      Integer progressDeadlineSeconds,
      Boolean paused) {}

  /** The Service in front. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ServiceTemplate(
      ServiceType type, Map<String, String> annotations, Map<String, String> labels) {}

  /** Kinds of Service. */
  public enum ServiceType {
    @JsonProperty("ClusterIP")
    CLUSTER_IP,
    @JsonProperty("NodePort")
    NODE_PORT,
    @JsonProperty("LoadBalancer")
    LOAD_BALANCER
  }
}
