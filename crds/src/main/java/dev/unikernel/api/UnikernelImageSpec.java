package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/** What to run, and where to publish the disk. Shapes and defaults are in the schema. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UnikernelImageSpec(
    Source source,
    List<FileEntry> files,
    String program,
    List<String> args,
    List<EnvVar> env,
    String workingDir,
    Kernel kernel,
    Contents contents,
    List<String> keep,
    Architecture architecture,
    Publish publish,
    Build build) {

  /** Where the program comes from. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Source(ImageSource image) {}

  /** An OCI image, read from its registry without running it. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ImageSource(String reference, String pullSecret) {}

  /** One file laid over the source: {@code content} or {@code configMap}, exactly one. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FileEntry(String path, String content, ConfigMapKey configMap, String mode) {}

  /** One key of a ConfigMap in the same namespace. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ConfigMapKey(String name, String key) {}

  /** One environment variable of the program. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record EnvVar(String name, String value) {}

  /** The kernel flavour and release, looked up in the platform team's catalogue. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Kernel(KernelName name, String version, List<String> klibs) {}

  /** Kernel flavours. */
  public enum KernelName {
    @JsonProperty("nanos")
    NANOS,
    @JsonProperty("linux")
    LINUX
  }

  /** How much of the source goes onto the disk. */
  public enum Contents {
    @JsonProperty("Minimal")
    MINIMAL,
    @JsonProperty("All")
    ALL
  }

  /** CPU architectures of the guest. */
  public enum Architecture {
    @JsonProperty("amd64")
    AMD64
  }

  /** Where the disk goes. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Publish(RegistryTarget registry) {}

  /** A KubeVirt disk image in an OCI registry. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record RegistryTarget(String repository, String pushSecret) {}

  /** Limits and placement of the builder Job. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Build(
      Integer timeoutSeconds,
      Integer backoffLimit,
      BuildResources resources,
      Map<String, String> nodeSelector,
      List<Toleration> tolerations) {}

  /** Requests and limits of the builder container. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record BuildResources(Map<String, Quantity> requests, Map<String, Quantity> limits) {}
}
