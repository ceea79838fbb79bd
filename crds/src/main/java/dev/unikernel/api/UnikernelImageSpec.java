package dev.unikernel.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What to run, and where to publish the disk. Shapes and defaults are in the schema. */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.files) || self.files.all(f,"
            + " !self.files.exists(g, g.path.startsWith(f.path + '/')))",
    message =
        "one of the files lies below another one's path; a path is either a file or a directory, so"
            + " rename one of the two",
    fieldPath = ".files")
@ValidationRule(
    value =
        "!has(self.program) || (self.program.matches('"
            + Forms.BELOW_ROOT
            + "') && !(self.program + '/').contains('/../')"
            + " && !(self.program + '/').contains('/./'))",
    message =
        "program is the absolute path of the executable inside the image, such as /usr/bin/node:"
            + " arguments go to args, and no shell looks it up in a PATH",
    fieldPath = ".program")
@ValidationRule(
    value =
        "!has(self.workingDir) || self.workingDir == '/' || (self.workingDir.matches('"
            + Forms.BELOW_ROOT
            + "') && !(self.workingDir + '/').contains('/../')"
            + " && !(self.workingDir + '/').contains('/./'))",
    message =
        "workingDir is an absolute path such as / or /srv/app, without '..' and without '/' at the"
            + " end",
    fieldPath = ".workingDir")
@ValidationRule(
    value = "!has(self.keep) || self.keep.all(k, k.startsWith('/') && !(k + '/').contains('/../'))",
    message =
        "every pattern in keep starts at the root and has no '..', such as /usr/share/zoneinfo/**",
    fieldPath = ".keep")
@ValidationRule(
    value = "!has(self.keep) || self.keep.all(k, k.matches(r'" + Forms.GLOB + "'))",
    message =
        "every [ and { of a pattern in keep is closed again, as in /lib/lib[cm].so* or"
            + " /etc/{hosts,passwd}; one that belongs to a name has a \\ before it",
    fieldPath = ".keep")
@ValidationRule(
    value = "!has(self.program) || !self.program" + Forms.HAS_NUL,
    message = "program" + Forms.NUL_MESSAGE,
    fieldPath = ".program")
@ValidationRule(
    value = "!has(self.args) || !self.args.exists(a, a" + Forms.HAS_NUL + ")",
    message = "one of the args" + Forms.NUL_MESSAGE,
    fieldPath = ".args")
@ValidationRule(
    value = "!has(self.workingDir) || !self.workingDir" + Forms.HAS_NUL,
    message = "workingDir" + Forms.NUL_MESSAGE,
    fieldPath = ".workingDir")
@ValidationRule(
    value = "!has(self.keep) || !self.keep.exists(k, k" + Forms.HAS_NUL + ")",
    message = "one of the patterns in keep" + Forms.NUL_MESSAGE,
    fieldPath = ".keep")
public record UnikernelImageSpec(
    @Required @JsonPropertyDescription("Where the program comes from.") Source source,
    @Size(max = 64)
        @JsonPropertyDescription("Files laid over the source, in this order; paths are unique.")
        List<FileEntry> files,
    @Size(max = 1024)
        @JsonPropertyDescription(
            "Absolute path of the executable to run. Default: what the source says.")
        String program,
    @Size(max = 128)
        @JsonPropertyDescription("Arguments of the program. Default: what the source says.")
        List<@Size(max = 8192) String> args,
    @Size(max = 128)
        @JsonPropertyDescription(
            "Environment variables of the program, added to those of the source or in their place.")
        List<EnvVar> env,
    @Size(max = 1024)
        @JsonPropertyDescription(
            "Directory the program starts in. Default: what the source says, else /.")
        String workingDir,
    @Default("{}") @JsonPropertyDescription("The kernel that the program runs on.") Kernel kernel,
    @Default("Minimal")
        @JsonPropertyDescription(
            "How much of the source goes onto the disk: Minimal takes what the program can reach"
                + " (its libraries, files, keep), All takes everything.")
        Contents contents,
    @Size(max = 64)
        @JsonPropertyDescription(
            "Absolute patterns of further files of the source to keep, such as"
                + " /usr/share/zoneinfo/**.")
        List<@Size(max = 1024) String> keep,
    @Default("amd64") @JsonPropertyDescription("CPU architecture of the guest.")
        Architecture architecture,
    @Required @JsonPropertyDescription("Where the finished disk goes.") Publish publish,
    @Default("{}") @JsonPropertyDescription("Limits and placement of the builder Job.")
        Build build) {

  /** Where the program comes from. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "has(self.image)",
      message = "say where the program comes from: image: {reference: registry.example/node:20}")
  public record Source(
      @JsonPropertyDescription(
              "An OCI image, read from its registry without running it; its Entrypoint, Cmd, Env"
                  + " and WorkingDir are honoured, its User and Volumes only reported in"
                  + " status.source.")
          ImageSource image) {}

  /** An OCI image, read from its registry without running it. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "self.reference.matches('" + Forms.REFERENCE + "')",
      message =
          "reference is an image reference such as registry.example/team/node:20 or"
              + " registry.example/team/node@sha256:<64 hexadecimal digits>, without a scheme like"
              + " https://",
      fieldPath = ".reference")
  @ValidationRule(
      value =
          "!self.reference.matches('"
              + Forms.ANY_PORT
              + "') || self.reference.matches('"
              + Forms.PORT
              + "')",
      message = Forms.PORT_MESSAGE,
      fieldPath = ".reference")
  @ValidationRule(
      value = "!has(self.pullSecret) || self.pullSecret.matches('" + Forms.DNS_SUBDOMAIN + "')",
      message =
          "pullSecret is the name of a Secret in this namespace: lower-case letters, digits, - and"
              + " .",
      fieldPath = ".pullSecret")
  public record ImageSource(
      @Required
          @Size(max = 512)
          @JsonPropertyDescription("The image, as registry.example/team/node:20 or with @sha256:….")
          String reference,
      @Size(max = 253)
          @JsonPropertyDescription(
              "Name of a Secret of type kubernetes.io/dockerconfigjson in this namespace to pull"
                  + " with.")
          String pullSecret) {}

  /** One file laid over the source: {@code content} or {@code configMap}, exactly one. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value =
          "self.path.matches('"
              + Forms.BELOW_ROOT
              + "') && !(self.path + '/').contains('/../') && !(self.path + '/').contains('/./')",
      message =
          "path is the absolute path of one file, such as /etc/app.conf: no '..', no '.', no '//'"
              + " and no '/' at the end",
      fieldPath = ".path")
  @ValidationRule(
      value = "!self.path" + Forms.HAS_NUL,
      message = "path" + Forms.NUL_MESSAGE,
      fieldPath = ".path")
  @ValidationRule(
      value = "has(self.content) != has(self.configMap)",
      message =
          "write exactly one of content (the text itself) and configMap (name and key of a"
              + " ConfigMap)")
  @ValidationRule(
      value = "!has(self.mode) || self.mode.matches('^0?[0-7]{3}$')",
      message =
          "mode is three octal digits in quotes, such as \"0644\" or \"0755\"; set-user-id bits are"
              + " not laid down",
      fieldPath = ".mode")
  public record FileEntry(
      @Required @Size(max = 1024) @JsonPropertyDescription("Absolute path of the file on the disk.")
          String path,
      @Size(max = 262144) @JsonPropertyDescription("The file's text, at most 256 KiB.")
          String content,
      @JsonPropertyDescription("Takes the file from a key of a ConfigMap in this namespace.")
          ConfigMapKey configMap,
      @Default("0644")
          @Size(max = 4)
          @JsonPropertyDescription("Permissions of the file in octal, in quotes.")
          String mode) {}

  /** One key of a ConfigMap in the same namespace. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "self.name.matches('" + Forms.DNS_SUBDOMAIN + "')",
      message =
          "name is the name of a ConfigMap in this namespace: lower-case letters, digits, - and .",
      fieldPath = ".name")
  @ValidationRule(
      value = "self.key.matches('^[-._a-zA-Z0-9]+$')",
      message =
          "key is a key under data or binaryData of the ConfigMap: letters, digits, -, _ and .",
      fieldPath = ".key")
  public record ConfigMapKey(
      @Required @Size(max = 253) @JsonPropertyDescription("Name of the ConfigMap.") String name,
      @Required
          @Size(max = 253)
          @JsonPropertyDescription("Key under data or binaryData of the ConfigMap.")
          String key) {}

  /** One environment variable of the program. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "self.name.matches('^[a-zA-Z_][-._a-zA-Z0-9]*$')",
      message =
          "name of an environment variable starts with a letter or _ and goes on with letters,"
              + " digits, _, - or ., such as NODE_ENV",
      fieldPath = ".name")
  @ValidationRule(
      value = "!has(self.value) || !self.value" + Forms.HAS_NUL,
      message = "the value" + Forms.NUL_MESSAGE,
      fieldPath = ".value")
  public record EnvVar(
      @Required @Size(max = 253) @JsonPropertyDescription("Name of the variable.") String name,
      @Size(max = 32768)
          @JsonPropertyDescription(
              "Its value, readable to everyone who has the disk. Default: empty.")
          String value) {}

  /** The kernel flavour and release, looked up in the platform team's catalogue. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "!has(self.klibs) || size(self.klibs) == 0 || self.name == 'nanos'",
      message = "klibs are modules of the nanos kernel; remove them or write name: nanos",
      fieldPath = ".klibs")
  @ValidationRule(
      value = "!has(self.klibs) || self.klibs.all(k, k.matches('^[a-z0-9][-_a-z0-9]*$'))",
      message = "a klib is named without path or suffix, such as tls",
      fieldPath = ".klibs")
  @ValidationRule(
      value = "!has(self.version) || self.version.matches('^[a-zA-Z0-9][-+._a-zA-Z0-9]*$')",
      message =
          "version is a release in the operator's kernel catalogue, such as 0.1.54: letters,"
              + " digits, ., -, _ and +",
      fieldPath = ".version")
  public record Kernel(
      @Default("nanos")
          @JsonPropertyDescription(
              "The kernel flavour: nanos, or linux for one sealed process on a Linux kernel where"
                  + " Nanos cannot run the program.")
          KernelName name,
      @Size(max = 63)
          @JsonPropertyDescription(
              "A release in the operator's kernel catalogue. Default: the catalogue's own default.")
          String version,
      @Size(max = 16) @JsonPropertyDescription("Nanos kernel modules to load, such as tls.")
          List<@Size(max = 63) String> klibs) {}

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
  @ValidationRule(
      value = "has(self.registry)",
      message =
          "say where the disk goes: registry: {repository: registry.example/unikernels/hello}")
  public record Publish(
      @JsonPropertyDescription("A registry to push the disk to, in the form that KubeVirt boots.")
          RegistryTarget registry) {}

  /** A KubeVirt disk image in an OCI registry. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = "!self.repository.contains('://')",
      messageExpression =
          "'repository has no scheme; write ' + self.repository.split('://', 2)[1] + ' instead of '"
              + " + self.repository",
      message = "repository has no scheme; write registry.example/unikernels/hello",
      fieldPath = ".repository")
  @ValidationRule(
      value = "self.repository.contains('://') || !self.repository.matches('(@|/[^/]*:[^/]*$)')",
      message =
          "repository has no tag and no digest, since every build is pushed by its own digest; write"
              + " only registry.example/unikernels/hello",
      fieldPath = ".repository")
  @ValidationRule(
      value =
          "self.repository.matches('(://|@|/[^/]*:[^/]*$)') || self.repository.matches('"
              + Forms.REPOSITORY
              + "')",
      message =
          "repository is the registry's host with a dot or a port in it, and a lower-case path, such"
              + " as registry.example/unikernels/hello or registry:5000/hello",
      fieldPath = ".repository")
  @ValidationRule(
      value =
          "!self.repository.matches('"
              + Forms.ANY_PORT
              + "') || self.repository.matches('"
              + Forms.PORT
              + "')",
      message = Forms.PORT_MESSAGE,
      fieldPath = ".repository")
  @ValidationRule(
      value = "!has(self.pushSecret) || self.pushSecret.matches('" + Forms.DNS_SUBDOMAIN + "')",
      message =
          "pushSecret is the name of a Secret in this namespace: lower-case letters, digits, - and"
              + " .",
      fieldPath = ".pushSecret")
  public record RegistryTarget(
      @Required
          @Size(max = 400)
          @JsonPropertyDescription(
              "The repository to push to, such as registry.example/unikernels/hello.")
          String repository,
      @Size(max = 253)
          @JsonPropertyDescription(
              "Name of a Secret of type kubernetes.io/dockerconfigjson in this namespace to push"
                  + " with.")
          String pushSecret) {}

  /** Limits and placement of the builder Job. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value = Forms.NODE_SELECTOR_IS_SANE,
      message = Forms.NODE_SELECTOR_MESSAGE,
      fieldPath = ".nodeSelector")
  public record Build(
      @Default("600")
          @Min(10)
          @Max(86400)
          @JsonPropertyDescription("Seconds after which a build that is not done has failed.")
          Integer timeoutSeconds,
      @Default("2")
          @Min(0)
          @Max(10)
          @JsonPropertyDescription("How often a build is tried again after a passing failure.")
          Integer backoffLimit,
      @JsonPropertyDescription(
              "CPU, memory and ephemeral-storage of the builder. Default: the operator's settings.")
          BuildResources resources,
      @Size(max = 64) @JsonPropertyDescription("Labels of the nodes that may build.")
          Map<String, @Size(max = 63) String> nodeSelector,
      @Size(max = 64) @JsonPropertyDescription("Tolerations of the builder's pod.")
          List<Toleration> tolerations) {}

  /** Requests and limits of the builder container. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @ValidationRule(
      value =
          "[self.?requests.orValue({}), self.?limits.orValue({})].all(m,"
              + " m.all(k, k in ['cpu', 'memory', 'ephemeral-storage']))",
      message = "the builder takes cpu, memory and ephemeral-storage only; remove other resources")
  @ValidationRule(
      value =
          "[self.?requests.orValue({}), self.?limits.orValue({})].all(m,"
              + " m.all(k, isQuantity(string(m[k])) && (k == 'cpu' || !string(m[k]).endsWith('m'))))",
      message = BuildResources.QUANTITIES)
  @ValidationRule(
      value =
          "!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits)"
              + " || !isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k]))"
              + " || quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k])))"
              + " <= 0)",
      message = "a request is at most its limit; lower the request or raise the limit")
  public record BuildResources(
      @Size(max = 3)
          @JsonPropertyDescription(
              "What the builder is sure to get: cpu, memory, ephemeral-storage.")
          Map<String, Quantity> requests,
      @Size(max = 3)
          @JsonPropertyDescription("What the builder gets at most: cpu, memory, ephemeral-storage.")
          Map<String, Quantity> limits) {
    private static final String QUANTITIES =
        "resources are quantities: cpu such as 500m or 2, memory and ephemeral-storage such as"
            + " 512Mi (not 512m, which means thousandths of a byte)";

    /**
     * @throws IllegalArgumentException where an amount cannot be calculated with
     */
    public BuildResources {
      Stream.of(requests, limits)
          .filter(Objects::nonNull)
          .flatMap(amounts -> amounts.values().stream())
          .forEach(amount -> Quantities.check(amount, QUANTITIES));
    }
  }
}
