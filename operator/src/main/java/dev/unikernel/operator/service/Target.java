package dev.unikernel.operator.service;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.Artifact;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec.Port;
import dev.unikernel.api.UnikernelServiceSpec.Protocol;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What new instances of a service are to boot, or why that is not known. */
sealed interface Target {

  /** Known. */
  record Known(Guest guest) implements Target {}

  /** Not known now. */
  record Open(Outcome outcome) implements Target {}

  long MIB = 1024L * 1024;

  /** What a linux guest needs beside one and a half times the files that it unpacks. */
  long LINUX_MIB = 90;

  /** The newest build of the image, or the one that the service pins. */
  static Target of(UnikernelService service, Optional<UnikernelImage> image) {
    var ref = service.getSpec().image();
    if (image.isEmpty()) {
      return waiting(
          ServiceReason.ImageMissing,
          "There is no UnikernelImage " + ref.name() + " in this namespace yet.");
    }
    var status = image.get().getStatus();
    var builds = builds(status);
    if (ref.digest() != null) {
      return builds.stream()
          .filter(build -> ref.digest().equals(build.digest()))
          .findFirst()
          .map(build -> known(service, build))
          .orElseGet(() -> digestUnknown(service, builds));
    }
    if (status == null || status.artifact() == null) {
      var message = notReady(ref.name(), status);
      return stalled(status)
          ? stalled(ServiceReason.ImageNotReady, message)
          : waiting(ServiceReason.ImageNotReady, message);
    }
    return known(service, status.artifact());
  }

  /** What the service would boot from the build that this guest runs, were it still known. */
  static Optional<Guest> again(UnikernelService service, Guest running) {
    var pinned = service.getSpec().image().digest();
    if (pinned != null && !pinned.equals(running.digest())) {
      return Optional.empty();
    }
    var build =
        new Artifact(
            running.digest(), running.image(), running.kernel(), null, null, null, null, null);
    return known(service, build) instanceof Known(Guest guest)
        ? Optional.of(guest)
        : Optional.empty();
  }

  private static boolean stalled(UnikernelImageStatus status) {
    return status != null
        && ConditionSet.find(status.conditions(), ConditionSet.STALLED)
            .filter(stalled -> "True".equals(stalled.status()))
            .isPresent();
  }

  private static List<Artifact> builds(UnikernelImageStatus status) {
    if (status == null) {
      return List.of();
    }
    var past = requireNonNullElse(status.history(), List.<PastBuild>of());
    return Stream.concat(
            Stream.ofNullable(status.artifact()), past.stream().map(PastBuild::artifact))
        .toList();
  }

  private static Target digestUnknown(UnikernelService service, List<Artifact> builds) {
    var ref = service.getSpec().image();
    var known =
        builds.isEmpty()
            ? "It has none yet."
            : "It has "
                + builds.stream().map(Artifact::digest).distinct().collect(Collectors.joining(", "))
                + ".";
    return stalled(
        ServiceReason.DigestUnknown,
        "UnikernelImage %s has no build %s. %s Write one of them, or remove spec.image.digest to follow the newest."
            .formatted(ref.name(), ref.digest(), known));
  }

  private static String notReady(String name, UnikernelImageStatus status) {
    var conditions = status == null ? null : status.conditions();
    return ConditionSet.find(conditions, ConditionSet.READY)
        .map(
            ready ->
                "UnikernelImage %s is not built yet: %s (%s)"
                    .formatted(name, ready.message(), ready.reason()))
        .orElse("UnikernelImage " + name + " is not built yet.");
  }

  private static Target known(UnikernelService service, Artifact build) {
    var spec = service.getSpec();
    if (build.registry() == null) {
      return stalled(
          ServiceReason.ImageNotPublished,
          "KubeVirt boots from a registry, and UnikernelImage %s is published to none. Set its spec.publish.registry."
              .formatted(spec.image().name()));
    }
    var resources = spec.resources();
    long memory =
        resources == null || resources.memory() == null ? 256 : mebibytes(resources.memory());
    long needed = neededMiB(build);
    if (memory < needed) {
      return stalled(
          ServiceReason.MemoryTooSmall,
          ("The guest needs %d MiB: %d, and one and a half times the %d MiB of files that it unpacks into its memory."
                  + " spec.resources.memory is %dMi. Write %dMi or more.")
              .formatted(needed, LINUX_MIB, unpackedMiB(build), memory, needed));
    }
    var guest =
        new Guest(
            build.registry(),
            build.kernel(),
            resources == null || resources.cpu() == null ? 1 : resources.cpu(),
            memory,
            spec.ports().stream().map(Target::asTheGuestSees).toList(),
            spec.readinessProbe(),
            spec.livenessProbe(),
            spec.placement() == null ? null : spec.placement().kubevirt());
    return new Known(guest);
  }

  private static Port asTheGuestSees(Port port) {
    return new Port(
        port.name(),
        null,
        requireNonNullElse(port.targetPort(), port.port()),
        requireNonNullElse(port.protocol(), Protocol.TCP));
  }

  /** Measured: kernels/linux/README.md of the builder, "Memory". */
  private static long neededMiB(Artifact build) {
    return "linux".equals(build.kernel()) ? LINUX_MIB + (unpackedMiB(build) * 3 + 1) / 2 : 0;
  }

  /** Of a build that did not say, what is known is the packed size. */
  private static long unpackedMiB(Artifact build) {
    var bytes = build.unpackedBytes() == null ? build.sizeBytes() : build.unpackedBytes();
    return bytes == null ? 0 : Math.ceilDiv(bytes, MIB);
  }

  private static long mebibytes(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity)
        .divideToIntegralValue(BigDecimal.valueOf(MIB))
        .longValueExact();
  }

  /**
   * The Secret that opens the registry which the image is pushed to, and so pulled from; empty for
   * a guest that lies elsewhere, or whose image is gone. No part of the guest: it may change
   * without a rollout.
   */
  static Optional<String> pullSecret(Optional<UnikernelImage> image, Guest guest) {
    return image
        .map(UnikernelImage::getSpec)
        .map(UnikernelImageSpec::publish)
        .map(UnikernelImageSpec.Publish::registry)
        .filter(registry -> guest.image().startsWith(registry.repository() + "@"))
        .map(UnikernelImageSpec.RegistryTarget::pushSecret);
  }

  private static Target waiting(ServiceReason reason, String message) {
    return new Open(new Outcome.Waiting(reason, message));
  }

  private static Target stalled(ServiceReason reason, String message) {
    return new Open(new Outcome.Stalled(reason, message));
  }
}
