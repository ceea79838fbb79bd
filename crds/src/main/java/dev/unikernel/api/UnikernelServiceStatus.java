package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;

/** What serves now. Times are RFC 3339, UTC. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelServiceStatus(
    @JsonPropertyDescription(
            "The metadata.generation that this status is about; -1 until the operator has looked.")
        Long observedGeneration,
    @StatusReplicas
        @JsonPropertyDescription("Instances that exist, of any revision, without those going away.")
        Integer replicas,
    @JsonPropertyDescription("Instances that answer their readiness probe.") Integer readyReplicas,
    @JsonPropertyDescription("Instances of the newest revision.") Integer updatedReplicas,
    @JsonPropertyDescription("Instances that have been ready for rollout.minReadySeconds.")
        Integer availableReplicas,
    @LabelSelector
        @JsonPropertyDescription("Label selector of the instances' pods, for autoscalers.")
        String selector,
    @JsonPropertyDescription(
            "Ready is always there; Reconciling and Stalled only while they are true.")
        List<Condition> conditions,
    @JsonPropertyDescription("The revision that new instances get.") String revision,
    @JsonPropertyDescription("The build that new instances boot.") ServedImage image,
    @JsonPropertyDescription("Where the instances run: kubevirt.") String backend,
    @JsonPropertyDescription(
            "Instances as last seen, at most "
                + UnikernelServiceStatus.MAX_INSTANCES
                + ": those that are not ready first. The replica counts are of all instances.")
        List<InstanceStatus> instances,
    @JsonPropertyDescription("Revisions that have been ready once, newest first.")
        List<RevisionStatus> revisions,
    @JsonPropertyDescription("Where clients find the Service, as host:port.") String endpoint) {

  /** Instances that the status lists, so that it stays small; its counts are of all. */
  public static final int MAX_INSTANCES = 50;

  /** The build that new instances boot. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ServedImage(
      @JsonPropertyDescription("Digest of the published disk, sha256:….") String digest) {}

  /** One instance as last seen. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record InstanceStatus(
      @JsonPropertyDescription("Name of the instance and of its virtual machine.") String name,
      @JsonPropertyDescription("The revision it was launched with.") String revision,
      @JsonPropertyDescription("How far it is, such as Starting, Ready, Failed or Terminating.")
          String phase,
      @JsonPropertyDescription("The address it serves on.") String address,
      @JsonPropertyDescription("Where it runs, such as the node's name.") String location,
      @JsonPropertyDescription("When it began to boot, in UTC.") String bootedAt,
      @JsonPropertyDescription("When it last became ready, in UTC.") String readyAt,
      @JsonPropertyDescription("How often it was booted again.") Integer restarts,
      @JsonPropertyDescription("Why it is in this phase, in one word or sentence.")
          String reason) {}

  /** A revision that has been ready once. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record RevisionStatus(
      @JsonPropertyDescription("Name of the revision.") String revision,
      @JsonPropertyDescription("Digest of the disk that it boots.") String digest,
      @JsonPropertyDescription("When it was first ready, in UTC.") String firstReadyAt) {}
}
