package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import java.util.Map;

/** How many of which image to keep serving, and how to change them. */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "size(self.ports) <= 1 || self.ports.all(p, has(p.name))",
    message = "with more than one port each needs a name, such as http",
    fieldPath = ".ports")
@ValidationRule(
    value =
        "self.ports.all(p, !has(p.name)"
            + " || self.ports.exists_one(q, has(q.name) && q.name == p.name))",
    message = "two ports have the same name; give each its own",
    fieldPath = ".ports")
@ValidationRule(
    value =
        "[self.?readinessProbe.?httpGet.?port, self.?readinessProbe.?tcpSocket.?port]"
            + Forms.EACH_PORT_IS_SERVED,
    message =
        "the port of readinessProbe is not served: write the name of one of the TCP ports, or its"
            + " targetPort as a number without quotes",
    fieldPath = ".readinessProbe")
@ValidationRule(
    value =
        "[self.?livenessProbe.?httpGet.?port, self.?livenessProbe.?tcpSocket.?port]"
            + Forms.EACH_PORT_IS_SERVED,
    message =
        "the port of livenessProbe is not served: write the name of one of the TCP ports, or its"
            + " targetPort as a number without quotes",
    fieldPath = ".livenessProbe")
@ValidationRule(
    value =
        "!has(self.livenessProbe) || !has(self.livenessProbe.successThreshold)"
            + " || self.livenessProbe.successThreshold == 1",
    message = "successThreshold of a livenessProbe is 1; remove it",
    fieldPath = ".livenessProbe")
public record UnikernelServiceSpec(
    @Required @JsonPropertyDescription("The UnikernelImage to serve.") ImageRef image,
    @SpecReplicas
        @Default("1")
        @Min(0)
        @Max(1000)
        @JsonPropertyDescription("How many instances to keep serving.")
        Integer replicas,
    @Default("{}") @JsonPropertyDescription("What each instance gets.") Resources resources,
    @Required
        @Size(min = 1, max = 32)
        @JsonPropertyDescription("The ports to serve; nothing else of the guest can be reached.")
        List<Port> ports,
    @Default("{\"kubevirt\": {}}")
        @JsonPropertyDescription("Where the instances run; exactly one back end.")
        Placement placement,
    @JsonPropertyDescription(
            "Gets traffic while it succeeds. Default: an instance is ready once its machine runs.")
        Probe readinessProbe,
    @JsonPropertyDescription("Gets replaced once it fails. Default: only a dead instance is.")
        Probe livenessProbe,
    @Default("{}") @JsonPropertyDescription("The bounds of a rolling update.") Rollout rollout,
    @Default("{}") @JsonPropertyDescription("The Kubernetes Service in front of the instances.")
        ServiceTemplate service) {

  /** A UnikernelImage of the same namespace; {@code digest} pins one of its builds. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "self.name.matches('" + Forms.DNS_LABEL + "')",
      message =
          "name is the name of a UnikernelImage in this namespace, such as hello; an image reference"
              + " goes to that UnikernelImage",
      fieldPath = ".name")
  @ValidationRule(
      value = "!has(self.digest) || self.digest.matches('^sha256:[a-f0-9]{64}$')",
      message =
          "digest is sha256: and 64 hexadecimal digits in lower case, as status.artifact.digest of"
              + " the UnikernelImage shows it",
      fieldPath = ".digest")
  public record ImageRef(
      @Required
          @Size(max = 40)
          @JsonPropertyDescription("Name of a UnikernelImage in this namespace.")
          String name,
      @Size(max = 71)
          @JsonPropertyDescription(
              "Pins one build, as sha256:…. Default: the newest build that is ready.")
          String digest) {}

  /** What one guest gets: whole virtual CPUs and memory. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "!has(self.memory) || isQuantity(string(self.memory))",
      message = Resources.MEMORY,
      fieldPath = ".memory")
  @ValidationRule(
      value = "!has(self.memory) || !string(self.memory).endsWith('m')",
      messageExpression =
          "'memory ' + string(self.memory) + ' means thousandths of a byte; write '"
              + " + string(self.memory).replace('m', 'Mi')",
      message = "memory ends in m, which means thousandths of a byte; write Mi, such as 256Mi",
      fieldPath = ".memory")
  @ValidationRule(
      value =
          "!has(self.memory) || !isQuantity(string(self.memory))"
              + " || string(self.memory).endsWith('m')"
              + " || (quantity(string(self.memory)).compareTo(quantity('32Mi')) >= 0"
              + " && quantity(string(self.memory)).compareTo(quantity('1Ti')) <= 0)",
      message = "memory is between 32Mi and 1Ti; write the unit too, such as 256Mi",
      fieldPath = ".memory")
  public record Resources(
      @Default("1") @Min(1) @Max(64) @JsonPropertyDescription("Whole virtual CPUs.") Integer cpu,
      @Default("256Mi") @JsonPropertyDescription("Memory of the guest, such as 256Mi.")
          Quantity memory) {
    private static final String MEMORY = "memory is a quantity such as 256Mi or 1Gi";

    /**
     * @throws IllegalArgumentException where memory cannot be calculated with
     */
    public Resources {
      Quantities.check(memory, MEMORY);
    }
  }

  /** One served port: {@code port} on the Service, {@code targetPort} in the guest. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value =
          "!has(self.name) || (self.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')"
              + " && self.name.matches('[a-z]') && !self.name.contains('--'))",
      message =
          "name of a port has lower-case letters, digits and single dashes, at least one letter, and"
              + " no dash at its ends, such as http",
      fieldPath = ".name")
  public record Port(
      @Size(max = 15)
          @JsonPropertyDescription(
              "Name of the port, at most 15 characters; needed when there is more than one.")
          String name,
      @Required @Min(1) @Max(65535) @JsonPropertyDescription("The port that clients connect to.")
          Integer port,
      @Min(1)
          @Max(65535)
          @JsonPropertyDescription("The port that the program listens on. Default: port.")
          Integer targetPort,
      @Default("TCP") @JsonPropertyDescription("TCP or UDP.") Protocol protocol) {}

  /** Transport protocols a guest can serve. */
  public enum Protocol {
    TCP,
    UDP
  }

  /** Where the guests run; exactly one back end. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(value = "has(self.kubevirt)", message = "name exactly one back end: kubevirt: {}")
  public record Placement(
      @JsonPropertyDescription("As KubeVirt virtual machines in this cluster.")
          KubeVirtPlacement kubevirt) {}

  /** Scheduling of the virtual machines' pods, copied to each of them. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = Forms.NODE_SELECTOR_IS_SANE,
      message = Forms.NODE_SELECTOR_MESSAGE,
      fieldPath = ".nodeSelector")
  @ValidationRule(
      value =
          "!has(self.priorityClassName) || self.priorityClassName.matches('"
              + Forms.DNS_SUBDOMAIN
              + "')",
      message =
          "priorityClassName is the name of a PriorityClass: lower-case letters, digits, - and .",
      fieldPath = ".priorityClassName")
  public record KubeVirtPlacement(
      @Size(max = 64) @JsonPropertyDescription("Labels of the nodes that may run instances.")
          Map<String, @Size(max = 63) String> nodeSelector,
      @JsonPropertyDescription("Node and pod affinity rules of the instances, as in a Pod.")
          Affinity affinity,
      @Size(max = 64) @JsonPropertyDescription("Tolerations of the instances' pods.")
          List<Toleration> tolerations,
      @Size(max = 16) @JsonPropertyDescription("How instances spread over zones and nodes.")
          List<TopologySpreadConstraint> topologySpreadConstraints,
      @Size(max = 253) @JsonPropertyDescription("Name of the PriorityClass of the instances.")
          String priorityClassName) {}

  /** A check of the guest from outside: {@code httpGet} or {@code tcpSocket}, exactly one. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "has(self.httpGet) != has(self.tcpSocket)",
      message = "a probe has exactly one of httpGet and tcpSocket")
  public record Probe(
      @JsonPropertyDescription("Asks by HTTP; 200 to 399 is success.") HttpGet httpGet,
      @JsonPropertyDescription("Connects by TCP.") TcpSocket tcpSocket,
      @Default("0")
          @Min(0)
          @Max(3600)
          @JsonPropertyDescription("Seconds to wait before the first try.")
          Integer initialDelaySeconds,
      @Default("10") @Min(1) @Max(3600) @JsonPropertyDescription("Seconds between two tries.")
          Integer periodSeconds,
      @Default("1") @Min(1) @Max(3600) @JsonPropertyDescription("Seconds after which a try failed.")
          Integer timeoutSeconds,
      @Default("1")
          @Min(1)
          @Max(100)
          @JsonPropertyDescription("Successes in a row that make the instance healthy again.")
          Integer successThreshold,
      @Default("3")
          @Min(1)
          @Max(100)
          @JsonPropertyDescription("Failures in a row that make the instance unhealthy.")
          Integer failureThreshold) {}

  /** An HTTP request that a healthy guest answers with 200 to 399. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "!has(self.path) || self.path.startsWith('/')",
      message = "path starts with /, such as /healthz; host and scheme are not part of it",
      fieldPath = ".path")
  public record HttpGet(
      @Default("/")
          @Size(max = 1024)
          @JsonPropertyDescription("The path to ask for, query included.")
          String path,
      @Required @JsonPropertyDescription("Name of one of the ports, or a targetPort's number.")
          IntOrString port) {}

  /** A connection that a healthy guest accepts. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record TcpSocket(
      @Required @JsonPropertyDescription("Name of one of the ports, or a targetPort's number.")
          IntOrString port) {}

  /** The bounds of a rolling update. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value =
          "!has(self.maxSurge) || type(self.maxSurge) == int"
              + " || self.maxSurge.matches('^[0-9]{1,3}%$')",
      message = Rollout.MAX_SURGE,
      fieldPath = ".maxSurge")
  @ValidationRule(
      value =
          "!has(self.maxUnavailable) || type(self.maxUnavailable) == int"
              + " || self.maxUnavailable.matches('^([0-9]{1,2}|100)%$')",
      message = Rollout.MAX_UNAVAILABLE,
      fieldPath = ".maxUnavailable")
  @ValidationRule(
      value =
          "!has(self.maxSurge) || !has(self.maxUnavailable)"
              + " || !string(self.maxSurge).matches('^0+%?$')"
              + " || !string(self.maxUnavailable).matches('^0+%?$')",
      message =
          "maxSurge and maxUnavailable cannot both be 0, since no instance could be replaced then;"
              + " write maxSurge: 1")
  @ValidationRule(
      value =
          "!has(self.minReadySeconds) || !has(self.progressDeadlineSeconds)"
              + " || self.minReadySeconds < self.progressDeadlineSeconds",
      message =
          "minReadySeconds is less than progressDeadlineSeconds, since no rollout could end in time"
              + " otherwise",
      fieldPath = ".minReadySeconds")
  public record Rollout(
      @Default("1")
          @JsonPropertyDescription(
              "How many instances may exist beyond replicas during an update, as a number or a"
                  + " percentage.")
          IntOrString maxSurge,
      @Default("0")
          @JsonPropertyDescription(
              "How many instances may be missing during an update, as a number or a percentage.")
          IntOrString maxUnavailable,
      @Default("0")
          @Min(0)
          @Max(3600)
          @JsonPropertyDescription("Seconds an instance is ready before it counts as available.")
          Integer minReadySeconds,
      @Default("600")
          @Min(1)
          @Max(86400)
          @JsonPropertyDescription("Seconds without progress after which a rollout is stalled.")
          Integer progressDeadlineSeconds,
      @Default("false")
          @JsonPropertyDescription(
              "Holds a rollout where it is; dead instances are still replaced.")
          Boolean paused) {
    private static final String MAX_SURGE =
        "maxSurge is a number of instances such as 1, or a percentage such as \"25%\"";
    private static final String MAX_UNAVAILABLE =
        "maxUnavailable is a number of instances such as 1, or a percentage up to \"100%\"";

    /**
     * @throws IllegalArgumentException where a bound cannot be calculated with
     */
    public Rollout {
      check(maxSurge, MAX_SURGE);
      check(maxUnavailable, MAX_UNAVAILABLE);
    }

    private static void check(IntOrString bound, String rule) {
      if (bound != null
          && bound.getStrVal() != null
          && !bound.getStrVal().matches("[0-9]{1,4}%?")) {
        throw new IllegalArgumentException("%s, not \"%s\"".formatted(rule, bound.getStrVal()));
      }
    }
  }

  /** The Service in front. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value =
          "!has(self.labels) || self.labels.all(k, !k.startsWith('unikernel.dev/')"
              + " && k != 'app.kubernetes.io/managed-by')",
      message =
          "labels under unikernel.dev/ and app.kubernetes.io/managed-by belong to the operator;"
              + " choose another key",
      fieldPath = ".labels")
  @ValidationRule(
      value =
          "!has(self.labels) || self.labels.all(k, k.matches('"
              + Forms.LABEL_KEY
              + "') && self.labels[k].matches('"
              + Forms.LABEL_VALUE
              + "'))",
      message =
          "a label has a key such as team or example.org/team, and a value of at most 63 letters,"
              + " digits, -, _ and . that begins and ends with a letter or digit",
      fieldPath = ".labels")
  @ValidationRule(
      value =
          "!has(self.annotations) || self.annotations.all(k, k.matches('" + Forms.LABEL_KEY + "'))",
      message = "an annotation has a key such as team or example.org/team",
      fieldPath = ".annotations")
  public record ServiceTemplate(
      @Default("ClusterIP") @JsonPropertyDescription("Who can reach it, as for any Service.")
          ServiceType type,
      @Size(max = 64) @JsonPropertyDescription("Annotations of the Service.")
          Map<String, @Size(max = 16384) String> annotations,
      @Size(max = 64) @JsonPropertyDescription("Labels of the Service.")
          Map<String, @Size(max = 63) String> labels) {}

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
