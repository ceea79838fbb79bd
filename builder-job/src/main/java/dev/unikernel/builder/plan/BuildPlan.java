package dev.unikernel.builder.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * Everything one build needs: the JSON that the operator mounts as {@code plan.json}. Written by
 * the operator, read by the builder; absent fields are null and mean "what the source image says".
 *
 * @param name {@code namespace/name} of the UnikernelImage, for the log
 * @param architecture {@code amd64}
 * @param files laid over the source in this order
 * @param program absolute path in the image, or null for the source's entry point
 * @param args null for the source's command
 * @param env laid over the source's environment
 * @param workingDir absolute path, or null for the source's
 * @param contents {@code Minimal} or {@code All}
 * @param keep globs of source paths to keep although the program does not need them
 * @param plainHttpRegistries {@code host:port} values that the platform team allows without TLS
 * @param dns how the guest looks up names, or null where the operator does not know
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildPlan(
    String name,
    String architecture,
    Source source,
    List<File> files,
    String program,
    List<String> args,
    List<EnvVar> env,
    String workingDir,
    String contents,
    List<String> keep,
    KernelRelease kernel,
    Publish publish,
    List<String> plainHttpRegistries,
    Dns dns) {

  /** Where the program comes from: an OCI image. */
  public record Source(Image image) {}

  /** {@code registry/repository:tag} or {@code @sha256:…}. */
  public record Image(String reference) {}

  /**
   * One file of the user's.
   *
   * @param path absolute path in the guest
   * @param mode octal, such as {@code 0644}
   * @param content the name of a file that lies beside {@code plan.json}
   */
  public record File(String path, String mode, String content) {}

  /** One environment variable. */
  public record EnvVar(String name, String value) {}

  /**
   * A release of the platform team's catalogue; exactly one of the three places is set.
   *
   * @param name {@code nanos} or {@code linux}
   * @param directory a directory in the builder's own file system
   * @param url base URL under which each file lies, or a {@code .tar.gz} that holds them
   * @param image an OCI image whose root holds them
   * @param files file name, such as {@code kernel.img} or {@code klibs/tls}, to hex sha256
   * @param klibs Nanos kernel plug-ins to load
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KernelRelease(
      String name,
      String version,
      String directory,
      String url,
      String image,
      Map<String, String> files,
      List<String> klibs) {}

  /** Where the result goes: an OCI registry. */
  public record Publish(Registry registry) {}

  /** {@code host/path} without tag, and the tag that this build writes beside its digest. */
  public record Registry(String repository, String tag) {}

  /**
   * What a pod of the same namespace has in its {@code /etc/resolv.conf}.
   *
   * @param nameServers IPv4 or IPv6 addresses, at least one
   * @param searches domains to try for short names, in this order
   */
  public record Dns(List<String> nameServers, List<String> searches) {}
}
