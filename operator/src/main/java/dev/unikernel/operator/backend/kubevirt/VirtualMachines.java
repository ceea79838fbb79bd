package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.api.UnikernelServiceSpec.KubeVirtPlacement;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Bus;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.ContainerDisk;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Cpu;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Devices;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Disk;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Domain;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Empty;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Firmware;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Interface;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.KernelBoot;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.KernelImage;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Machine;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Memory;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Metadata;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Network;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Port;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Resources;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Run;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Template;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineSpec.Volume;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** From a launch to its VirtualMachine: pure, and the same for the same launch. */
final class VirtualMachines {
  private static final String LINUX = "linux";
  private static final String IF_NOT_PRESENT = "IfNotPresent";
  private static final String ROOT = "root";
  private static final String DEFAULT = "default";

  /** A guest is drained before it is deleted; this is for what still runs then. */
  private static final int GRACE_SECONDS = 10;

  /**
   * Of the linux kernel. Its files live in a ramfs, since a tmpfs would leave them only half of the
   * memory; and an emulated timer may be late where a node is busy, which is no reason to panic.
   */
  private static final String KERNEL_ARGS =
      "console=ttyS0 quiet panic=-1 rootfstype=ramfs no_timer_check";

  /** From here on KubeVirt would offer four times as much for hot-plugging, at a cost. */
  private static final long HOTPLUG_FROM_MIB = 1024;

  private VirtualMachines() {}

  /**
   * The VirtualMachine to create. No limits are set: a guest that the kernel kills for memory looks
   * as if it had ended well, and its own memory is bounded by the machine it is given.
   *
   * @param pullSecret of the image's registry, or null
   */
  static GenericKubernetesResource of(Launch launch, UnikernelService service, String pullSecret) {
    var guest = launch.guest();
    var labels =
        new TreeMap<>(
            Map.of(
                Owned.SERVICE, service.getMetadata().getName(),
                Owned.REVISION, Launch.revision(launch.name())));
    var machine = new GenericKubernetesResource();
    machine.setApiVersion(HasMetadata.getApiVersion(VirtualMachine.class));
    machine.setKind(HasMetadata.getKind(VirtualMachine.class));
    machine.setMetadata(Owned.meta(service, launch.name(), labels));
    machine
        .getMetadata()
        .setAnnotations(
            new TreeMap<>(
                Map.of(
                    Marks.GUEST, guest.json(),
                    Marks.RESTARTS, Integer.toString(launch.attempt().restarts()),
                    Marks.SINCE, launch.attempt().since().toString())));
    if (launch.attempt().last() != null) {
      machine.getMetadata().getAnnotations().put(Marks.LAST, launch.attempt().last().toString());
    }
    var podLabels = new TreeMap<>(labels);
    podLabels.put(Owned.MANAGED_BY, Owned.OPERATOR);
    podLabels.put(Owned.SERVING, "true");
    machine.setAdditionalProperty(
        "spec",
        new VirtualMachineSpec(
            VirtualMachineSpec.ALWAYS,
            new Template(new Metadata(podLabels), run(guest, service, pullSecret))));
    return machine;
  }

  /** Creates it, and reads what the API server made of it. */
  static VirtualMachine post(GenericKubernetesResource manifest, KubernetesClient client) {
    var created =
        client
            .genericKubernetesResources(
                ResourceDefinitionContext.fromResourceType(VirtualMachine.class))
            .inNamespace(manifest.getMetadata().getNamespace())
            .resource(manifest)
            .create();
    return read(created, client);
  }

  /** The same object by the model for reading. */
  static VirtualMachine read(GenericKubernetesResource machine, KubernetesClient client) {
    return client.getKubernetesSerialization().convertValue(machine, VirtualMachine.class);
  }

  private static Run run(Guest guest, UnikernelService service, String pullSecret) {
    boolean linux = LINUX.equals(guest.kernel());
    var place =
        guest.kubevirt() == null
            ? new KubeVirtPlacement(null, null, null, null, null)
            : guest.kubevirt();
    return new Run(
        "amd64",
        GRACE_SECONDS,
        "None",
        place.nodeSelector(),
        place.affinity(),
        place.tolerations(),
        place.topologySpreadConstraints() == null
            ? List.of(spread(service))
            : place.topologySpreadConstraints(),
        place.priorityClassName(),
        domain(guest, linux, pullSecret),
        List.of(new Network(DEFAULT, new Empty())),
        probe(guest, guest.readinessProbe()),
        probe(guest, guest.livenessProbe()),
        linux
            ? null
            : List.of(
                new Volume(
                    ROOT,
                    new ContainerDisk(
                        guest.image(), "/disk/disk.img", IF_NOT_PRESENT, pullSecret))));
  }

  private static TopologySpreadConstraint spread(UnikernelService service) {
    return new TopologySpreadConstraintBuilder()
        .withMaxSkew(1)
        .withTopologyKey("kubernetes.io/hostname")
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withNewLabelSelector()
        .addToMatchLabels(Owned.SERVICE, service.getMetadata().getName())
        .endLabelSelector()
        .build();
  }

  private static Domain domain(Guest guest, boolean linux, String pullSecret) {
    var memory = new Quantity(Long.toString(guest.memoryMiB()), "Mi");
    var cpuRequest = new Quantity(Integer.toString(guest.cpu() * 100), "m");
    return new Domain(
        new Machine("q35"),
        new Cpu(1, guest.cpu(), 1, 1),
        new Memory(memory, guest.memoryMiB() >= HOTPLUG_FROM_MIB ? memory : null),
        new Resources(new TreeMap<>(Map.of("cpu", cpuRequest, "memory", memory))),
        linux ? kernelBoot(guest.image(), pullSecret) : null,
        new Devices(
            false,
            false,
            false,
            true,
            true,
            new Empty(),
            linux ? null : List.of(new Disk(ROOT, 1, new Bus("virtio"))),
            List.of(new Interface(DEFAULT, "virtio", new Empty(), ports(guest)))));
  }

  private static Firmware kernelBoot(String image, String pullSecret) {
    return new Firmware(
        new KernelBoot(
            KERNEL_ARGS,
            new KernelImage(image, "/boot/vmlinuz", "/boot/initrd", IF_NOT_PRESENT, pullSecret)));
  }

  private static List<Port> ports(Guest guest) {
    return guest.ports().stream()
        .map(port -> new Port(port.name(), port.targetPort(), port.protocol().name()))
        .toList();
  }

  private static VirtualMachineSpec.Probe probe(Guest guest, UnikernelServiceSpec.Probe probe) {
    if (probe == null) {
      return null;
    }
    var http = probe.httpGet();
    var tcp = probe.tcpSocket();
    return new VirtualMachineSpec.Probe(
        http == null
            ? null
            : new VirtualMachineSpec.HttpGet(
                http.path() == null ? "/" : http.path(), number(guest, http.port())),
        tcp == null ? null : new VirtualMachineSpec.TcpSocket(number(guest, tcp.port())),
        probe.initialDelaySeconds(),
        probe.periodSeconds(),
        probe.timeoutSeconds(),
        probe.successThreshold(),
        probe.failureThreshold());
  }

  /** The guest's port that a probe means; the schema has made sure that it is served. */
  private static int number(Guest guest, IntOrString port) {
    if (port.getIntVal() != null) {
      return port.getIntVal();
    }
    return guest.ports().stream()
        .filter(served -> port.getStrVal().equals(served.name()))
        .map(UnikernelServiceSpec.Port::targetPort)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no port is called " + port.getStrVal()));
  }
}
