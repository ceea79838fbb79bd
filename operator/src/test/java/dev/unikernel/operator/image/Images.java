package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec;
import dev.unikernel.builder.report.BuildReport;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Images and settings for tests, as the API server would hand them over: defaults filled in. */
final class Images {
  static final KernelCatalogue CATALOGUE =
      KernelCatalogue.read(Path.of("src/test/resources/kernels.yaml"));
  static final GuestDns DNS =
      new GuestDns(List.of("10.96.0.10"), Optional.of("cluster.local"), List.of(), false);
  static final BuilderSettings SETTINGS = settings("registry.example/builder@sha256:1");

  private Images() {}

  /** {@code spec} is YAML in flow style, laid over a small Node.js image's. */
  static UnikernelImage image(String spec) {
    var yaml =
        """
        apiVersion: unikernel.dev/v1alpha1
        kind: UnikernelImage
        metadata: {name: hello, namespace: demo, uid: 6a1f, generation: 1}
        spec:
          source: {image: {reference: "registry.example/node:20"}}
          args: [/main.js]
          kernel: {name: linux}
          contents: Minimal
          architecture: amd64
          publish: {registry: {repository: registry.example/hello}}
          build: {timeoutSeconds: 600, backoffLimit: 2}
        """;
    var image = Serialization.unmarshal(yaml, UnikernelImage.class);
    var changed = Serialization.unmarshal("spec: " + spec, UnikernelImage.class).getSpec();
    image.setSpec(over(image.getSpec(), changed));
    return image;
  }

  static ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("demo")
        .endMetadata()
        .withData(data)
        .build();
  }

  static BuildInputs inputs(UnikernelImage image, ConfigMap... maps) {
    return switch (resolve(image, maps)) {
      case Resolution.Complete(BuildInputs inputs) -> inputs;
      case Resolution.Incomplete(var outcome) -> throw new AssertionError(outcome.message());
    };
  }

  static Resolution resolve(UnikernelImage image, ConfigMap... maps) {
    var byName = new java.util.HashMap<String, ConfigMap>();
    List.of(maps).forEach(map -> byName.put(map.getMetadata().getName(), map));
    return Resolver.resolve(image, byName, CATALOGUE, DNS, SETTINGS);
  }

  static BuildReport report(String sha256) {
    return new BuildReport(
        new BuildReport.Artifact(
            "registry.example/hello@sha256:" + sha256,
            "sha256:" + sha256,
            "linux",
            "6.12.48",
            "11",
            120_000_000,
            100_000_000L,
            null,
            null),
        new BuildReport.Surface(11, 1, 8, 0, 0),
        new BuildReport.Surface(7600, 900, 300, 9, 3),
        null,
        null);
  }

  static BuilderSettings settings(String builderImage) {
    return new Settings(builderImage);
  }

  private static UnikernelImageSpec over(UnikernelImageSpec base, UnikernelImageSpec top) {
    return top == null
        ? base
        : new UnikernelImageSpec(
            or(top.source(), base.source()),
            or(top.files(), base.files()),
            or(top.program(), base.program()),
            or(top.args(), base.args()),
            or(top.env(), base.env()),
            or(top.workingDir(), base.workingDir()),
            or(top.kernel(), base.kernel()),
            or(top.contents(), base.contents()),
            or(top.keep(), base.keep()),
            or(top.architecture(), base.architecture()),
            or(top.publish(), base.publish()),
            or(top.build(), base.build()));
  }

  private static <T> T or(T top, T base) {
    return top == null ? base : top;
  }

  private record Settings(String builderImage) implements BuilderSettings, BuilderSettings.Builder {
    @Override
    public Builder builder() {
      return this;
    }

    @Override
    public Path kernels() {
      return Path.of("src/test/resources/kernels.yaml");
    }

    @Override
    public Dns dns() {
      return new NameServer();
    }

    @Override
    public Optional<List<String>> plainHttpRegistries() {
      return Optional.of(List.of("registry:5000"));
    }

    @Override
    public String image() {
      return builderImage;
    }

    @Override
    public String pullPolicy() {
      return "IfNotPresent";
    }

    @Override
    public Optional<List<String>> pullSecrets() {
      return Optional.empty();
    }

    @Override
    public int maxConcurrent() {
      return 2;
    }

    @Override
    public Quantity cpu() {
      return new Quantity("250m");
    }

    @Override
    public Quantity memory() {
      return new Quantity("512Mi");
    }

    @Override
    public Quantity scratch() {
      return new Quantity("8Gi");
    }

    @Override
    public Duration keepFinished() {
      return Duration.ofHours(24);
    }
  }

  private record NameServer() implements BuilderSettings.Dns {
    @Override
    public Optional<List<String>> nameservers() {
      return Optional.of(List.of("10.96.0.10"));
    }

    @Override
    public Optional<List<String>> searches() {
      return Optional.empty();
    }

    @Override
    public Optional<String> clusterDomain() {
      return Optional.of("cluster.local");
    }

    @Override
    public Path resolvConf() {
      return Path.of("/etc/resolv.conf");
    }
  }
}
