package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What the operator has seen and done. Times are RFC 3339, UTC. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelImageStatus(
    @JsonPropertyDescription(
            "The metadata.generation that this status is about; -1 until the operator has looked.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Ready is always there; Reconciling and Stalled only while they are true.")
        List<Condition> conditions,
    @JsonPropertyDescription(
            "Digest of all that goes into the build; the same inputs are never built twice.")
        String inputs,
    @JsonPropertyDescription("The newest disk that was built and published.") Artifact artifact,
    @JsonPropertyDescription(
            "What an intruder would find on the disk, beside what the source image held.")
        Surface surface,
    @JsonPropertyDescription(
            "What the source image of that disk asks for and a unikernel does not give.")
        SourceImage source,
    @JsonPropertyDescription("The newest builder Job.") BuildStatus build,
    @JsonPropertyDescription("What was published, newest first; the first one is the artifact.")
        List<PastBuild> history,
    @JsonPropertyDescription(
            "Why the disk was last built again, or has to be, although nothing changed that goes into it.")
        Rebuild rebuild) {

  /**
   * A published disk.
   *
   * @param digest the registry manifest's digest, {@code sha256:…}
   * @param registry {@code repository@sha256:…}
   * @param kernel {@code nanos} or {@code linux}
   * @param kernelSha256 hex digest of the kernel file inside
   * @param sizeBytes bytes of the disk, or of kernel and initrd together
   * @param unpackedBytes bytes of the files that a linux guest unpacks into its memory; null for
   *     other kernels
   * @param size the disk's size for people, as a quantity: {@code 114Mi}
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Artifact(
      @JsonPropertyDescription("Digest of the published manifest, sha256:….") String digest,
      @JsonPropertyDescription("Where it was pushed to, as repository@sha256:….") String registry,
      @JsonPropertyDescription("The kernel flavour inside.") String kernel,
      @JsonPropertyDescription("The kernel's release.") String kernelVersion,
      @JsonPropertyDescription("The sha256 of the kernel file inside, in hexadecimal.")
          String kernelSha256,
      @JsonPropertyDescription("Bytes of the disk, or of kernel and initrd together.")
          Long sizeBytes,
      @JsonPropertyDescription("Bytes of the files that a linux guest unpacks into its memory.")
          Long unpackedBytes,
      @JsonPropertyDescription("The size of the disk for people, such as 114Mi.") String size) {}

  /** What an intruder would find, beside what the source image held. Counts. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Surface(
      @JsonPropertyDescription("Regular files on the disk.") Integer files,
      @JsonPropertyDescription("Executable programs on the disk.") Integer executables,
      @JsonPropertyDescription("Shared libraries on the disk.") Integer sharedLibraries,
      @JsonPropertyDescription("Set-user-id and set-group-id files on the disk.") Integer setuid,
      @JsonPropertyDescription("Shells on the disk.") Integer shells,
      @JsonPropertyDescription("Regular files in the source image.") Integer sourceFiles,
      @JsonPropertyDescription("Executable programs in the source image.")
          Integer sourceExecutables,
      @JsonPropertyDescription("Shared libraries in the source image.")
          Integer sourceSharedLibraries,
      @JsonPropertyDescription("Set-user-id and set-group-id files in the source image.")
          Integer sourceSetuid,
      @JsonPropertyDescription("Shells in the source image.") Integer sourceShells) {}

  /**
   * The source image as it was read, and what of its configuration is only reported.
   *
   * @param digest {@code sha256:…} of its manifest
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record SourceImage(
      @JsonPropertyDescription("Digest of the source image that was read, sha256:….") String digest,
      @JsonPropertyDescription(
              "The image's USER, which is not taken over: nanos has no users, so the program counts"
                  + " as root there; on linux it always runs as nobody (65534).")
          String user,
      @JsonPropertyDescription(
              "The image's VOLUME paths. Nothing is mounted there, and what the program"
                  + " writes there is gone when its guest ends.")
          List<String> volumes) {}

  /** The newest builder Job. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record BuildStatus(
      @JsonPropertyDescription("Name of the Job; its pod's log shows the build's progress.")
          String job,
      @JsonPropertyDescription("When the Job was created, in UTC.") String startedAt,
      @JsonPropertyDescription("When it ended, well or not, in UTC.") String finishedAt,
      @JsonPropertyDescription("How many times the Job tried.") Integer attempts) {}

  /** A build of inputs that had been built before. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Rebuild(
      @JsonPropertyDescription(
              "The value of the annotation unikernel.dev/rebuild that was handled last; any other"
                  + " value asks for a build of the same inputs.")
          String handled,
      @JsonPropertyDescription(
              "Requested by that annotation, or Missing: a service found that the registry no longer"
                  + " has the disk.")
          String reason,
      @JsonPropertyDescription("Digest of the inputs that are built again.") String inputs,
      @JsonPropertyDescription(
              "Number of the last builder Job of these inputs that does not count.")
          Integer after,
      @JsonPropertyDescription("When the operator took notice, in UTC.") String since) {}

  /** A build of this image that was published. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PastBuild(
      @JsonPropertyDescription("Digest of all that went into this build.") String inputs,
      @JsonPropertyDescription("The disk that came out of it.") Artifact artifact,
      @JsonPropertyDescription("What an intruder would find on that disk.") Surface surface,
      @JsonPropertyDescription("What its source image asked for and a unikernel does not give.")
          SourceImage source,
      @JsonPropertyDescription("When it was published, in UTC.") String builtAt) {}
}
