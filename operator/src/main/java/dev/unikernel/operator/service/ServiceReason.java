package dev.unikernel.operator.service;

import dev.unikernel.operator.decoding.Undecodable;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.status.Reason;

/** Why a UnikernelService is as it is, and what happens to its instances. */
enum ServiceReason implements Reason {
  Serving("As many instances as wanted are available, all of the newest revision."),
  ScaledToZero("No instance is wanted, and none runs."),
  Starting("Fewer instances are available than wanted; more are on their way."),
  Replacing("An instance ended, and another one boots in its place."),
  NotReady("An instance that has been ready does not answer its readiness probe now."),
  RollingOut("Instances of an older revision are being replaced."),
  Paused("A new revision waits, since spec.rollout.paused is true."),
  Finishing("Instances that are no longer wanted are being taken away."),

  Invalid(Undecodable.MEANING),
  ImageMissing("The UnikernelImage that spec.image names does not exist yet."),
  ImageGone(
      "The UnikernelImage was deleted. Running instances are kept, replaced when they fail and scaled; no new revision can be rolled out."),
  ImageNotReady("The UnikernelImage has no build yet."),
  DigestUnknown("The UnikernelImage has no build with the digest of spec.image."),
  ImageNotPublished("The build is published to no place from which this back end can boot it."),
  MemoryTooSmall("spec.resources.memory cannot hold what the guest has to unpack."),
  ServiceNameTaken("A Service of this name exists that this UnikernelService does not control."),
  ServiceRefused("The API server refuses the Service in front: quota, policy or admission."),
  BackendUnavailable("What spec.placement asks for is not there."),
  InstanceRefused("The cluster refuses an instance: quota, policy or admission."),
  InstanceNameTaken(
      "A VirtualMachine with the name of the next instance exists that this UnikernelService does not control."),

  CrashLoop("Guests end soon after they have booted; each retry waits longer."),
  ProgressDeadlineExceeded("No instance has come up within spec.rollout.progressDeadlineSeconds."),

  RolloutStarted("A new revision replaces the old one, instance by instance."),
  RolloutCompleted("All instances are of the new revision."),
  InstanceCreated("An instance boots."),
  InstanceReplaced("An instance boots in the place of one that failed."),
  InstanceDraining("An instance is out of traffic and will be deleted."),
  InstanceReadmitted("An instance that was taken out of traffic by hand gets traffic again."),
  InstanceHeld("An instance failed again; its successor waits."),
  InstanceDeleted("An instance is being deleted.");

  private final String meaning;

  ServiceReason(String meaning) {
    this.meaning = meaning;
  }

  @Override
  public String meaning() {
    return meaning;
  }

  Events.Type eventType() {
    return switch (this) {
      case Invalid,
          NotReady,
          ImageMissing,
          ImageGone,
          DigestUnknown,
          ImageNotPublished,
          MemoryTooSmall,
          ServiceNameTaken,
          ServiceRefused,
          BackendUnavailable,
          InstanceRefused,
          InstanceNameTaken,
          CrashLoop,
          ProgressDeadlineExceeded,
          InstanceReplaced,
          InstanceReadmitted,
          InstanceHeld ->
          Events.Type.Warning;
      default -> Events.Type.Normal;
    };
  }
}
