package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** What serves now. Times are RFC 3339, UTC. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelServiceStatus(
    Long observedGeneration,
    Integer replicas,
    Integer readyReplicas,
    Integer updatedReplicas,
    Integer availableReplicas,
    String selector,
    List<Condition> conditions,
    String revision,
    ServedImage image,
    List<InstanceStatus> instances,
    List<RevisionStatus> revisions,
    String endpoint) {

  /** The build that new instances boot. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ServedImage(String digest) {}

  /** One instance as last seen. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record InstanceStatus(
      String name,
      String revision,
      String phase,
      String address,
      String location,
      String bootedAt,
      String readyAt,
      Integer restarts,
      String reason) {}

  /** A revision that has been ready once. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record RevisionStatus(String revision, String digest, String firstReadyAt) {}
}
