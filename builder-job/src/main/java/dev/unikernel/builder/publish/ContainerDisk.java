package dev.unikernel.builder.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.registry.Digest;
import dev.unikernel.builder.registry.Manifest;
import dev.unikernel.builder.registry.Repository;
import dev.unikernel.builder.report.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A container image that KubeVirt boots a VM from, as containerDisk or for kernelBoot: one layer
 * per file, so that a kernel that many images share is stored once. The same files always make the
 * same digest.
 *
 * @param labels {@code org.opencontainers.image.*} and the like; both labels and annotations
 */
public record ContainerDisk(
    KernelImage image, String architecture, SortedMap<String, String> labels) {
  private static final int SHORT = 10;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  public ContainerDisk {
    labels = new TreeMap<>(labels);
  }

  /**
   * A disk in its registry.
   *
   * @param digest of the manifest
   * @param tag that leads to it, or null
   * @param note why that is not the tag that was asked for, or null
   */
  public record Published(String digest, String tag, String note) {}

  /**
   * Packs and pushes.
   *
   * @param tag that shall lead to the disk, or null
   */
  public Published push(Repository target, String tag, Path scratch, Progress progress)
      throws IOException {
    List<Layer> layers = new ArrayList<>();
    for (KernelImage.ImageFile file : image.files()) {
      progress.say("packing " + file.path());
      Layer layer = Layer.pack(file, scratch.resolve("publish-%d.tar.gz".formatted(layers.size())));
      layers.add(layer);
    }
    Path config = scratch.resolve("publish-config.json");
    Files.write(config, config(layers));
    Manifest.Blob configBlob = blob(config);
    int number = 0;
    for (Layer layer : layers) {
      number++;
      push(target, layer.blob(), layer.file(), number, layers.size(), progress);
      Files.delete(layer.file());
    }
    target.push(configBlob, config, bytes -> {});
    ImageManifest manifest =
        new ImageManifest(configBlob, layers.stream().map(Layer::blob).toList(), labels);
    return put(target, manifest, tag, progress);
  }

  /**
   * No tag is ever taken from another disk, which may be in use and would be cleaned up without it;
   * many registries refuse that anyway. The other disk is one of the same inputs: of a source tag
   * that has moved since, or of another version of the builder.
   */
  private static Published put(
      Repository target, ImageManifest manifest, String tag, Progress progress) {
    String digest = manifest.digest();
    if (tag == null) {
      return new Published(target.push(manifest, digest), null, null);
    }
    Optional<String> there = leadsTo(target, manifest, tag);
    if (there.equals(Optional.of(digest))) {
      return new Published(digest, tag, null);
    }
    String other = tag + "-" + digest.substring("sha256:".length()).substring(0, SHORT);
    String note =
        "tag %s leads to another disk, %s, and keeps it; this one has the tag %s"
            .formatted(tag, there.orElse(""), other);
    progress.say("note: " + note);
    leadsTo(target, manifest, other);
    return new Published(digest, other, note);
  }

  /** The digest that a tag leads to in the end: it is pushed unless the tag is taken. */
  private static Optional<String> leadsTo(Repository target, ImageManifest manifest, String tag) {
    Optional<String> there = target.digestOf(tag);
    if (there.isPresent()) {
      return there;
    }
    try {
      return Optional.of(target.push(manifest, tag));
    } catch (BuildFailure refused) {
      Optional<String> meanwhile = target.digestOf(tag);
      if (meanwhile.isEmpty()) {
        throw refused;
      }
      return meanwhile;
    }
  }

  private static void push(
      Repository target, Manifest.Blob blob, Path file, int number, int count, Progress progress) {
    String what = "pushing layer %d/%d".formatted(number, count);
    if (!target.push(blob, file, progress.transfer(what, blob.size()))) {
      progress.say(what + ", it is there already");
    }
  }

  /** OCI image-spec, config.md. No times: they would change the digest. */
  private byte[] config(List<Layer> layers) throws JsonProcessingException {
    return JSON.writeValueAsBytes(
        Map.of(
            "architecture",
            architecture,
            "os",
            "linux",
            "config",
            Map.of("Labels", labels),
            "rootfs",
            Map.of("type", "layers", "diff_ids", layers.stream().map(Layer::diffId).toList())));
  }

  private static Manifest.Blob blob(Path file) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    sha256.update(Files.readAllBytes(file));
    return new Manifest.Blob(Digest.text(sha256), Files.size(file));
  }
}
