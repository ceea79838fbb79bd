package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The machine of a VirtualMachineInstance: what QEMU is told, and what the guest's memory costs the
 * node.
 *
 * <p>As KubeVirt has it: q35, virtio devices behind PCIe root ports, a disk whose writes vanish, a
 * serial console that is logged.
 */
record Domain(JsonNode spec) {

  /** Where the launcher pod mounts the image that kernel and initrd come from. */
  static final String KERNEL_DIRECTORY = "/var/run/kubevirt-kernel-boot";

  private static final String PRIVATE = "/var/run/kubevirt-private";
  private static final long MEBIBYTE = 1L << 20;

  /**
   * QEMU's and the launcher's own share of the pod's memory, in bytes: KubeVirt's formula for one
   * I/O thread and no graphics.
   */
  long overheadBytes() {
    return (228 + 8L * cpus()) * MEBIBYTE + memoryBytes() / 512;
  }

  long memoryBytes() {
    JsonNode guest = spec.at("/domain/memory/guest");
    JsonNode requested = spec.at("/domain/resources/requests/memory");
    String quantity = guest.isMissingNode() ? requested.asText("64Mi") : guest.asText();
    return Quantity.getAmountInBytes(new Quantity(quantity)).longValueExact();
  }

  int cpus() {
    JsonNode cpu = spec.at("/domain/cpu");
    return cpu.path("sockets").asInt(1) * cpu.path("cores").asInt(1) * cpu.path("threads").asInt(1);
  }

  /** The files that must be in the pod before QEMU starts. */
  List<String> files() {
    List<String> files = new ArrayList<>();
    for (String field : List.of("kernelPath", "initrdPath")) {
      JsonNode path = kernelBoot().at("/container/" + field);
      if (!path.isMissingNode()) {
        files.add(KERNEL_DIRECTORY + path.asText());
      }
    }
    List<JsonNode> disks = disks();
    for (int index = 0; index < disks.size(); index++) {
      files.add(diskFile(index, disks.get(index)));
    }
    return files;
  }

  /** QEMU's arguments; TCG, since a dev cluster's machine seldom has KVM. */
  List<String> arguments() {
    List<String> arguments =
        new ArrayList<>(
            List.of("-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35"));
    // A bound on translated code, so that QEMU stays within the overhead the pod asks for.
    add(arguments, "-accel", "tcg,tb-size=128", "-cpu", "max", "-smp", String.valueOf(cpus()));
    add(arguments, "-m", memoryBytes() / MEBIBYTE + "M", "-boot", "strict=on");
    add(
        arguments,
        "-chardev",
        "file,id=serial,path=" + PRIVATE + "/serial.log",
        "-serial",
        "chardev:serial");
    kernel(arguments);
    List<JsonNode> disks = disks();
    for (int index = 0; index < disks.size(); index++) {
      disk(arguments, index, disks.get(index));
    }
    if (spec.at("/domain/devices/interfaces").size() > 0) {
      port(arguments, "network");
      add(arguments, "-netdev", "tap,id=network,ifname=tap0,script=no,downscript=no");
      add(arguments, "-device", "virtio-net-pci,bus=port-network,netdev=network,romfile=" + mac());
    }
    if (spec.at("/domain/devices").has("rng")) {
      port(arguments, "rng");
      add(arguments, "-device", "virtio-rng-pci,bus=port-rng");
    }
    if (spec.at("/domain/devices/panicDevices").size() > 0) {
      add(arguments, "-device", "pvpanic-pci", "-action", "panic=shutdown");
    }
    if (spec.at("/domain/rebootPolicy").asText().equals("Terminate")) {
      add(arguments, "-action", "reboot=shutdown");
    }
    return arguments;
  }

  private void kernel(List<String> arguments) {
    JsonNode container = kernelBoot().path("container");
    if (container.has("kernelPath")) {
      add(arguments, "-kernel", KERNEL_DIRECTORY + container.get("kernelPath").asText());
    }
    if (container.has("initrdPath")) {
      add(arguments, "-initrd", KERNEL_DIRECTORY + container.get("initrdPath").asText());
    }
    if (kernelBoot().has("kernelArgs")) {
      add(arguments, "-append", kernelBoot().get("kernelArgs").asText());
    }
  }

  private void disk(List<String> arguments, int index, JsonNode disk) {
    String name = "disk" + index;
    port(arguments, name);
    add(arguments, "-drive", "if=none,snapshot=on,id=" + name + ",file=" + diskFile(index, disk));
    String boot = disk.has("bootOrder") ? ",bootindex=" + disk.get("bootOrder").asInt() : "";
    add(arguments, "-device", "virtio-blk-pci,bus=port-" + name + ",drive=" + name + boot);
  }

  private static void port(List<String> arguments, String name) {
    add(
        arguments,
        "-device",
        "pcie-root-port,id=port-" + name + ",chassis=" + (arguments.size() + 1));
  }

  private String mac() {
    JsonNode address = spec.at("/domain/devices/interfaces/0/macAddress");
    return address.isMissingNode() ? "" : ",mac=" + address.asText();
  }

  private JsonNode kernelBoot() {
    return spec.at("/domain/firmware/kernelBoot");
  }

  /**
   * The containerDisk volumes that a disk of the domain names, in the domain's order, each with the
   * disk's boot order.
   */
  private List<JsonNode> disks() {
    return StreamSupport.stream(spec.at("/domain/devices/disks").spliterator(), false)
        .filter(disk -> volume(disk).has("containerDisk"))
        .toList();
  }

  private String diskFile(int index, JsonNode disk) {
    return diskDirectory(index) + volume(disk).at("/containerDisk/path").asText("/disk/disk.img");
  }

  /** Where the launcher pod mounts the image of the disk with this index. */
  static String diskDirectory(int index) {
    return "/var/run/kubevirt-image-volume/disk_" + index;
  }

  /** The volumes behind the domain's disks, in order: each has `name` and `containerDisk`. */
  List<JsonNode> diskVolumes() {
    return disks().stream().map(this::volume).toList();
  }

  private JsonNode volume(JsonNode disk) {
    for (JsonNode volume : spec.path("volumes")) {
      if (volume.path("name").equals(disk.path("name"))) {
        return volume;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  private static void add(List<String> arguments, String... more) {
    arguments.addAll(List.of(more));
  }
}
