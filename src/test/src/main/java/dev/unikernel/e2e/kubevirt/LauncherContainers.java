package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What runs in a launcher pod, by the spec of its VirtualMachineInstance: QEMU, the log of its
 * console, and what proves the guest's images pulled; with the volumes they share.
 */
record LauncherContainers(JsonNode spec, Settings settings) {

  private static final String LAUNCHER_VOLUME = "launcher-volume";
  private static final String KERNEL_VOLUME = "kernel-boot-volume";

  List<LocalObjectReference> pullSecrets() {
    return images()
        .map(image -> image.source().path("imagePullSecret").asText(""))
        .filter(secret -> !secret.isEmpty())
        .distinct()
        .map(LocalObjectReference::new)
        .toList();
  }

  /**
   * One image that the guest starts from: the volume's name, where it is mounted, and `image`,
   * `imagePullPolicy`, ...
   */
  private record Image(String volume, String mount, JsonNode source) {
    String reference() {
      return source.path("image").asText();
    }

    String pullPolicy() {
      return source.path("imagePullPolicy").asText("IfNotPresent");
    }
  }

  private Stream<Image> images() {
    List<Image> images = new ArrayList<>();
    JsonNode kernel = spec.at("/domain/firmware/kernelBoot/container");
    if (!kernel.isMissingNode()) {
      images.add(new Image(KERNEL_VOLUME, Domain.KERNEL_DIRECTORY, kernel));
    }
    List<JsonNode> disks = domain().diskVolumes();
    for (int index = 0; index < disks.size(); index++) {
      JsonNode volume = disks.get(index);
      images.add(
          new Image(
              volume.path("name").asText(),
              Domain.diskDirectory(index),
              volume.get("containerDisk")));
    }
    return images.stream();
  }

  List<Volume> volumes() {
    List<Volume> volumes = new ArrayList<>();
    for (String name : List.of("private", "public", "ephemeral-disks")) {
      volumes.add(new VolumeBuilder().withName(name).withNewEmptyDir().endEmptyDir().build());
    }
    images()
        .forEach(
            image ->
                volumes.add(imageVolume(image.volume(), image.reference(), image.pullPolicy())));
    volumes.add(imageVolume(LAUNCHER_VOLUME, settings.launcherImage(), "IfNotPresent"));
    return volumes;
  }

  private static Volume imageVolume(String name, String reference, String pullPolicy) {
    return new VolumeBuilder().withName(name).withNewImage(pullPolicy, reference).build();
  }

  List<Container> initContainers() {
    List<Container> containers = new ArrayList<>();
    if (spec.at("/domain/devices/logSerialConsole").asBoolean(true)) {
      containers.add(consoleLog());
    }
    images().forEach(image -> containers.add(pull(image)));
    return containers;
  }

  /**
   * Runs nothing of the guest's image; that it starts proves the image pulled, and where it does
   * not, says why.
   */
  private static Container pull(Image image) {
    return new ContainerBuilder()
        .withName("volume" + image.volume())
        .withImage(image.reference())
        .withImagePullPolicy(image.pullPolicy())
        .withCommand("/container-disk-binary/bin/busybox", "true")
        .withResources(
            resources(
                Map.of("cpu", "1m", "memory", "1M", "ephemeral-storage", "50M"),
                Map.of("cpu", "10m", "memory", "40M")))
        .withVolumeMounts(mount(LAUNCHER_VOLUME, "/container-disk-binary", true))
        .withSecurityContext(unprivileged().build())
        .build();
  }

  private Container consoleLog() {
    return new ContainerBuilder()
        .withName("guest-console-log")
        .withImage(settings.launcherImage())
        .withImagePullPolicy("IfNotPresent")
        .withCommand("/usr/local/bin/console-log")
        .withArgs("/var/run/kubevirt-private/serial.log")
        .withRestartPolicy("Always")
        .withResources(
            resources(Map.of("cpu", "5m", "memory", "35M"), Map.of("cpu", "15m", "memory", "60M")))
        .withVolumeMounts(mount("private", "/var/run/kubevirt-private", true))
        .withSecurityContext(unprivileged().build())
        .build();
  }

  Container compute() {
    List<String> command = new ArrayList<>(List.of("/usr/local/bin/launcher"));
    command.add(String.valueOf(graceSeconds()));
    command.add(String.valueOf(settings.linger().toSeconds()));
    command.addAll(domain().files());
    command.add("--");
    command.addAll(domain().arguments());
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(mount("private", "/var/run/kubevirt-private", false));
    mounts.add(mount("public", "/var/run/kubevirt", false));
    mounts.add(mount("ephemeral-disks", "/var/run/kubevirt-ephemeral-disks", false));
    images().forEach(image -> mounts.add(mount(image.volume(), image.mount(), true)));
    return new ContainerBuilder()
        .withName("compute")
        .withImage(settings.launcherImage())
        .withImagePullPolicy("IfNotPresent")
        .withCommand(command)
        .withPorts(ports())
        .withResources(computeResources())
        .withReadinessProbe(probe("readinessProbe"))
        .withLivenessProbe(probe("livenessProbe"))
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withVolumeMounts(mounts)
        .withSecurityContext(
            unprivileged()
                .withRunAsGroup(107L)
                .editCapabilities()
                .withAdd("NET_BIND_SERVICE")
                .endCapabilities()
                .build())
        .build();
  }

  private List<ContainerPort> ports() {
    return StreamSupport.stream(spec.at("/domain/devices/interfaces/0/ports").spliterator(), false)
        .map(
            port ->
                new ContainerPortBuilder()
                    .withName(port.path("name").asText(null))
                    .withContainerPort(port.path("port").asInt())
                    .withProtocol(port.path("protocol").asText("TCP"))
                    .build())
        .toList();
  }

  /**
   * What the user asked for plus the overhead; the CPU request is a tenth of the virtual CPUs, as
   * KubeVirt's default ratio has it.
   */
  private ResourceRequirements computeResources() {
    long overhead = domain().overheadBytes();
    JsonNode resources = spec.at("/domain/resources");
    Map<String, String> requests = new LinkedHashMap<>();
    requests.put("cpu", resources.at("/requests/cpu").asText(domain().cpus() * 100 + "m"));
    requests.put(
        "memory",
        String.valueOf(
            bytes(resources.at("/requests/memory")).orElse(domain().memoryBytes()) + overhead));
    requests.put("ephemeral-storage", "50M");
    Map<String, String> limits = new LinkedHashMap<>();
    bytes(resources.at("/limits/memory"))
        .ifPresent(limit -> limits.put("memory", String.valueOf(limit + overhead)));
    Optional.ofNullable(resources.at("/limits/cpu").asText(null))
        .ifPresent(limit -> limits.put("cpu", limit));
    return resources(requests, limits);
  }

  private static Optional<Long> bytes(JsonNode quantity) {
    return quantity.isMissingNode()
        ? Optional.empty()
        : Optional.of(Quantity.getAmountInBytes(new Quantity(quantity.asText())).longValueExact());
  }

  private Probe probe(String field) {
    if (!spec.has(field)) {
      return null;
    }
    Probe probe = Api.JSON.convertValue(spec.get(field), Probe.class);
    int asked = Optional.ofNullable(probe.getInitialDelaySeconds()).orElse(0);
    probe.setInitialDelaySeconds(asked + (int) settings.probeDelay().toSeconds());
    return probe;
  }

  private static SecurityContextBuilder unprivileged() {
    return new SecurityContextBuilder(new SecurityContext())
        .withRunAsUser(107L)
        .withRunAsNonRoot(true)
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities();
  }

  private static VolumeMount mount(String volume, String path, boolean readOnly) {
    return new VolumeMountBuilder()
        .withName(volume)
        .withMountPath(path)
        .withReadOnly(readOnly ? true : null)
        .build();
  }

  private static ResourceRequirements resources(
      Map<String, String> requests, Map<String, String> limits) {
    ResourceRequirements resources = new ResourceRequirements();
    resources.setRequests(quantities(requests));
    resources.setLimits(quantities(limits));
    return resources;
  }

  private static Map<String, Quantity> quantities(Map<String, String> amounts) {
    Map<String, Quantity> quantities = new LinkedHashMap<>();
    amounts.forEach((name, amount) -> quantities.put(name, new Quantity(amount)));
    return quantities;
  }

  int graceSeconds() {
    return spec.path("terminationGracePeriodSeconds").asInt(30);
  }

  private Domain domain() {
    return new Domain(spec);
  }
}
