package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** What the operator has seen and done. Times are RFC 3339, UTC. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelImageStatus(
    Long observedGeneration,
    List<Condition> conditions,
    String inputs,
    Artifact artifact,
    Surface surface,
    BuildStatus build,
    List<PastBuild> history) {

  /**
   * A published disk.
   *
   * @param digest the registry manifest's digest, {@code sha256:…}
   * @param registry {@code repository@sha256:…}
   * @param kernel {@code nanos} or {@code linux}
   * @param kernelSha256 hex digest of the kernel file inside
   * @param sizeBytes bytes of the disk, or of kernel and initrd together
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Artifact(
      String digest,
      String registry,
      String kernel,
      String kernelVersion,
      String kernelSha256,
      Long sizeBytes) {}

  /** What an intruder would find, beside what the source image held. Counts. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Surface(
      Integer files,
      Integer executables,
      Integer sharedLibraries,
      Integer setuid,
      Integer shells,
      Integer sourceFiles,
      Integer sourceExecutables,
      Integer sourceSharedLibraries,
      Integer sourceSetuid,
      Integer sourceShells) {}

  /** The newest builder Job. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record BuildStatus(String job, String startedAt, String finishedAt, Integer attempts) {}

  /** An earlier build of this image. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PastBuild(String inputs, Artifact artifact, String builtAt) {}
}
