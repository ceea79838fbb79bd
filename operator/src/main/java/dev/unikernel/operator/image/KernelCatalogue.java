package dev.unikernel.operator.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kernel releases that the platform team offers: a YAML list, read once at start.
 *
 * <pre>
 * - name: linux
 *   version: 6.12.48
 *   default: true
 *   directory: /kernels/linux
 *   files: {vmlinuz: 5f0c…, init: 77ab…}
 * </pre>
 */
record KernelCatalogue(List<Release> releases) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /**
   * One release; exactly one of directory, url and image says where it lies.
   *
   * @param preferred whether it is taken where spec.kernel.version is absent
   * @param files file name to hex sha256
   */
  record Release(
      String name,
      String version,
      @JsonProperty("default") boolean preferred,
      String directory,
      String url,
      String image,
      Map<String, String> files) {

    private static final String KLIBS = "klibs/";

    boolean hasKlib(String klib) {
      return files.containsKey(KLIBS + klib);
    }

    /** The names of all klibs, for a message. */
    String klibs() {
      return files.keySet().stream()
          .filter(file -> file.startsWith(KLIBS))
          .map(file -> file.substring(KLIBS.length()))
          .sorted()
          .collect(Collectors.joining(", "));
    }

    /** The files in the order of their names. */
    SortedMap<String, String> sortedFiles() {
      return new TreeMap<>(files);
    }

    @Override
    public String toString() {
      return name + " " + version;
    }
  }

  KernelCatalogue {
    releases = List.copyOf(releases);
    releases.forEach(KernelCatalogue::check);
    for (var name : releases.stream().map(Release::name).distinct().toList()) {
      var defaults = releases.stream().filter(r -> r.name().equals(name) && r.preferred()).count();
      require(defaults <= 1, "%s has %d defaults; keep one".formatted(name, defaults));
    }
  }

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException with a sentence that names the entry that makes no sense
   */
  static KernelCatalogue read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("The kernel catalogue " + file + " cannot be read", e);
    }
  }

  static KernelCatalogue parse(String yaml) {
    try {
      var releases = Serialization.unmarshal(yaml, Release[].class);
      return new KernelCatalogue(releases == null ? List.of() : List.of(releases));
    } catch (KubernetesClientException e) {
      throw new IllegalArgumentException("The kernel catalogue is no YAML list of releases", e);
    }
  }

  /**
   * The release of this name and version.
   *
   * @param version null for the default of that name, or the only one
   */
  Optional<Release> find(String name, String version) {
    var named = releases.stream().filter(release -> release.name().equals(name)).toList();
    if (version != null) {
      return named.stream().filter(release -> release.version().equals(version)).findFirst();
    }
    return named.size() == 1
        ? Optional.of(named.getFirst())
        : named.stream().filter(Release::preferred).findFirst();
  }

  /** All releases, for a message: {@code linux 6.12.48 (default), nanos 0.1.54}. */
  String known() {
    return releases.isEmpty()
        ? "none"
        : releases.stream()
            .map(release -> release + (release.preferred() ? " (default)" : ""))
            .sorted()
            .collect(Collectors.joining(", "));
  }

  private static void check(Release release) {
    require(release.name() != null && release.version() != null, "an entry lacks name or version");
    var places = Stream.of(release.directory(), release.url(), release.image());
    require(
        places.filter(Objects::nonNull).count() == 1,
        release + " needs exactly one of directory, url and image");
    require(
        release.files() != null && !release.files().isEmpty(),
        release + " lists no files with their sha256");
    release
        .files()
        .forEach(
            (file, sha256) ->
                require(
                    sha256 != null && SHA256.matcher(sha256).matches(),
                    "%s: the sha256 of %s is not 64 lower-case hex digits"
                        .formatted(release, file)));
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("The kernel catalogue makes no sense: " + message);
    }
  }
}
