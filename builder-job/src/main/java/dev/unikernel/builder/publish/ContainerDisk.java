package dev.unikernel.builder.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  public ContainerDisk {
    labels = new TreeMap<>(labels);
  }

  /**
   * Packs and pushes.
   *
   * @param tag also written beside the digest, or null
   * @return the manifest's digest
   */
  public String push(Repository target, String tag, Path scratch, Progress progress)
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
    return target.push(manifest, tag == null ? manifest.digest() : tag);
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
