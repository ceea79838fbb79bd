package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;

/** The fields of {@code kubevirt.io/v1} that we set. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VirtualMachineSpec(String runStrategy, Template template) {

  /** KubeVirt starts the guest again whenever it ended. */
  static final String ALWAYS = "Always";

  /** KubeVirt stops the guest and leaves it so. */
  static final String HALTED = "Halted";

  VirtualMachineSpec withRunStrategy(String strategy) {
    return new VirtualMachineSpec(strategy, template);
  }

  /** What each run of the guest is made from. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Template(Metadata metadata, Run spec) {}

  /** Labels that reach the launcher pod. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Metadata(Map<String, String> labels) {}

  /** One run. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Run(
      String architecture,
      Integer terminationGracePeriodSeconds,
      String evictionStrategy,
      Map<String, String> nodeSelector,
      Affinity affinity,
      List<Toleration> tolerations,
      List<TopologySpreadConstraint> topologySpreadConstraints,
      String priorityClassName,
      Domain domain,
      List<Network> networks,
      Probe readinessProbe,
      Probe livenessProbe,
      List<Volume> volumes) {}

  /** The machine. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Domain(
      Machine machine,
      Cpu cpu,
      Memory memory,
      Resources resources,
      Firmware firmware,
      Devices devices) {}

  /** The board. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Machine(String type) {}

  /** Processors; {@code maxSockets} as {@code sockets} leaves no room for hot-plugged ones. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Cpu(Integer sockets, Integer cores, Integer threads, Integer maxSockets) {}

  /** What the guest sees, and up to what it may be grown while it runs. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Memory(Quantity guest, Quantity maxGuest) {}

  /** What the pod asks of its node, before KubeVirt's own overhead. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Resources(Map<String, Quantity> requests) {}

  /** How it boots, where not from its disk. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Firmware(KernelBoot kernelBoot) {}

  /** A kernel and an initrd out of an OCI image. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record KernelBoot(String kernelArgs, KernelImage container) {}

  /** Where in which image they lie. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KernelImage(
      String image,
      String kernelPath,
      String initrdPath,
      String imagePullPolicy,
      String imagePullSecret) {}

  /** Devices, most of them switched off. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Devices(
      Boolean autoattachGraphicsDevice,
      Boolean autoattachMemBalloon,
      Boolean autoattachInputDevice,
      Boolean disableHotplug,
      Boolean logSerialConsole,
      Empty rng,
      List<Disk> disks,
      List<Interface> interfaces) {}

  /** {@code {}}: there, with nothing to say. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Empty() {}

  /** A disk of the guest, fed by the volume of the same name. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Disk(String name, Integer bootOrder, Bus disk) {}

  /** How a disk is attached. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Bus(String bus) {}

  /** A network card behind the pod's address; only these ports are let through. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Interface(String name, String model, Empty masquerade, List<Port> ports) {}

  /** A port that the guest listens on. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Port(String name, Integer port, String protocol) {}

  /** The pod's network. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Network(String name, Empty pod) {}

  /** A check by the kubelet. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Probe(
      HttpGet httpGet,
      TcpSocket tcpSocket,
      Integer initialDelaySeconds,
      Integer periodSeconds,
      Integer timeoutSeconds,
      Integer successThreshold,
      Integer failureThreshold) {}

  /** By HTTP. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record HttpGet(String path, Integer port) {}

  /** By connecting. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record TcpSocket(Integer port) {}

  /** What feeds a disk. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Volume(String name, ContainerDisk containerDisk) {}

  /** A disk out of an OCI image. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ContainerDisk(
      String image, String path, String imagePullPolicy, String imagePullSecret) {}
}
