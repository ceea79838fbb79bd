package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec;
import dev.unikernel.api.UnikernelImageSpec.ConfigMapKey;
import dev.unikernel.api.UnikernelImageSpec.FileEntry;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Follows every reference of a spec, and stops at the first that leads nowhere. */
final class Resolver {
  /** A ConfigMap holds 1 MiB, plan.json included. */
  static final int FILES_MAX_BYTES = 1_000_000;

  private final UnikernelImageSpec spec;
  private final Map<String, ConfigMap> configMaps;
  private final KernelCatalogue catalogue;
  private final GuestDns dns;
  private final SortedMap<String, String> texts = new TreeMap<>();
  private final SortedMap<String, String> binaries = new TreeMap<>();

  private Resolver(
      UnikernelImageSpec spec,
      Map<String, ConfigMap> configMaps,
      KernelCatalogue catalogue,
      GuestDns dns) {
    this.spec = spec;
    this.configMaps = configMaps;
    this.catalogue = catalogue;
    this.dns = dns;
  }

  /**
   * Resolves the spec of {@code image}.
   *
   * @param configMaps those that exist, by name
   */
  static Resolution resolve(
      UnikernelImage image,
      Map<String, ConfigMap> configMaps,
      KernelCatalogue catalogue,
      GuestDns dns,
      BuilderSettings settings) {
    try {
      var resolver = new Resolver(image.getSpec(), configMaps, catalogue, dns);
      return new Resolution.Complete(resolver.inputs(image, settings));
    } catch (Stopped stopped) {
      return new Resolution.Incomplete(stopped.outcome);
    }
  }

  /** The names of the ConfigMaps that the spec refers to. */
  static Set<String> configMapNames(UnikernelImage image) {
    var files = image.getSpec() == null ? null : image.getSpec().files();
    return files == null
        ? Set.of()
        : files.stream()
            .map(FileEntry::configMap)
            .filter(Objects::nonNull)
            .map(ConfigMapKey::name)
            .collect(Collectors.toUnmodifiableSet());
  }

  private BuildInputs inputs(UnikernelImage image, BuilderSettings settings) {
    var meta = image.getMetadata();
    var plan =
        new BuildPlan(
            meta.getNamespace() + "/" + meta.getName(),
            spec.architecture().name().toLowerCase(Locale.ROOT),
            new BuildPlan.Source(new BuildPlan.Image(spec.source().image().reference())),
            files(),
            spec.program(),
            spec.args(),
            environment(),
            spec.workingDir(),
            spec.contents() == UnikernelImageSpec.Contents.ALL ? "All" : "Minimal",
            spec.keep(),
            kernel(),
            new BuildPlan.Publish(
                new BuildPlan.Registry(spec.publish().registry().repository(), null)),
            settings.plainHttpRegistries().orElse(List.of()),
            dns.of(spec.kernel().name(), meta.getNamespace()));
    return BuildInputs.of(plan, texts, binaries, settings.builder().image());
  }

  private List<BuildPlan.EnvVar> environment() {
    return spec.env() == null
        ? null
        : spec.env().stream().map(e -> new BuildPlan.EnvVar(e.name(), e.value())).toList();
  }

  private List<BuildPlan.File> files() {
    var files = new ArrayList<BuildPlan.File>();
    for (var entry : spec.files() == null ? List.<FileEntry>of() : spec.files()) {
      var content = "file-" + files.size();
      files.add(new BuildPlan.File(entry.path(), entry.mode(), content));
      if (entry.configMap() == null) {
        texts.put(content, entry.content());
      } else {
        copy(entry.configMap(), content);
      }
    }
    checkSize();
    return files;
  }

  private void copy(ConfigMapKey from, String content) {
    var map = configMaps.get(from.name());
    if (map == null) {
      throw new Stopped(
          new Outcome.Waiting(
              ImageReason.ConfigMapMissing,
              "ConfigMap %s (key %s) does not exist; create it, or correct spec.files."
                  .formatted(from.name(), from.key())));
    }
    if (map.getData() != null && map.getData().containsKey(from.key())) {
      texts.put(content, map.getData().get(from.key()));
    } else if (map.getBinaryData() != null && map.getBinaryData().containsKey(from.key())) {
      binaries.put(content, map.getBinaryData().get(from.key()));
    } else {
      throw new Stopped(
          new Outcome.Stalled(
              ImageReason.ConfigMapKeyMissing,
              "ConfigMap %s has no key %s; it has: %s. Add the key, or correct spec.files."
                  .formatted(from.name(), from.key(), keys(map))));
    }
  }

  private void checkSize() {
    var bytes =
        texts.values().stream().mapToLong(t -> t.getBytes(StandardCharsets.UTF_8).length).sum()
            + binaries.values().stream().mapToLong(String::length).sum();
    if (bytes > FILES_MAX_BYTES) {
      throw new Stopped(
          new Outcome.Stalled(
              ImageReason.FilesTooLarge,
              ("spec.files holds %d bytes (binary ones in base64), and at most %d fit. Put large"
                      + " files into the source image.")
                  .formatted(bytes, FILES_MAX_BYTES)));
    }
  }

  private BuildPlan.KernelRelease kernel() {
    var wanted = spec.kernel();
    var name = wanted.name().name().toLowerCase(Locale.ROOT);
    var release = catalogue.find(name, wanted.version()).orElseThrow(() -> unknownKernel(name));
    for (var klib : wanted.klibs() == null ? List.<String>of() : wanted.klibs()) {
      if (!release.hasKlib(klib)) {
        throw new Stopped(
            new Outcome.Stalled(
                ImageReason.UnknownKlib,
                "Kernel %s has no klib %s; it has: %s. Correct spec.kernel.klibs."
                    .formatted(release, klib, release.klibs())));
      }
    }
    return new BuildPlan.KernelRelease(
        release.name(),
        release.version(),
        release.directory(),
        release.url(),
        release.image(),
        release.sortedFiles(),
        wanted.klibs());
  }

  private Stopped unknownKernel(String name) {
    var version = spec.kernel().version();
    return new Stopped(
        new Outcome.Stalled(
            ImageReason.UnknownKernel,
            ("The catalogue has no kernel %s; it has: %s. Correct spec.kernel, or ask the platform"
                    + " team for that release.")
                .formatted(version == null ? name : name + " " + version, catalogue.known())));
  }

  private static String keys(ConfigMap map) {
    var keys = new ArrayList<String>();
    if (map.getData() != null) {
      keys.addAll(map.getData().keySet());
    }
    if (map.getBinaryData() != null) {
      keys.addAll(map.getBinaryData().keySet());
    }
    return keys.isEmpty() ? "none" : String.join(", ", keys.stream().sorted().toList());
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Outcome outcome;

    Stopped(Outcome outcome) {
      super(outcome.message(), null, false, false);
      this.outcome = outcome;
    }
  }
}
