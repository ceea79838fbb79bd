package dev.unikernel.builder.source;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.registry.Manifest;
import dev.unikernel.builder.registry.Repository;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A container image with its layers laid over one another. The contents of its files lie spooled in
 * the scratch directory and stay readable until this is closed.
 *
 * @param digest {@code sha256:…} that the reference led to
 */
public record OciImage(String digest, ImageConfig config, FileTree tree, List<FileChannel> spools)
    implements AutoCloseable {

  private static final long LARGEST_CONFIG = 8 << 20;

  /** Pulls the image of one architecture; {@code reference} is only for messages. */
  public static OciImage pull(
      Repository repository,
      String qualifier,
      String reference,
      String architecture,
      Path scratch,
      Progress progress)
      throws IOException {
    Manifest manifest = repository.manifest(qualifier, architecture);
    ImageConfig config = config(repository, manifest, reference, scratch);
    requireArchitecture(config, architecture, reference);
    if (!config.diffIds().isEmpty() && config.diffIds().size() != manifest.layers().size()) {
      throw new BuildFailure(
          Code.SourceCorrupt,
          "%s lists %d layers in its manifest and %d in its configuration"
              .formatted(reference, manifest.layers().size(), config.diffIds().size()),
          "build and push the image again");
    }
    List<FileChannel> spools = new ArrayList<>();
    try {
      FileTree tree = unpack(repository, manifest, config, reference, scratch, progress, spools);
      return new OciImage(manifest.digest(), config, tree, List.copyOf(spools));
    } catch (IOException | RuntimeException | Error e) {
      closeAll(spools);
      throw e;
    }
  }

  private static FileTree unpack(
      Repository repository,
      Manifest manifest,
      ImageConfig config,
      String reference,
      Path scratch,
      Progress progress,
      List<FileChannel> spools)
      throws IOException {
    FileTreeBuilder tree = FileTree.builder();
    int count = manifest.layers().size();
    for (int i = 0; i < count; i++) {
      Manifest.Blob layer = manifest.layers().get(i);
      Path blob = scratch.resolve("layer-%d.blob".formatted(i));
      repository.pull(
          layer,
          blob,
          progress.transfer("pulling layer %d/%d".formatted(i + 1, count), layer.size()));
      String diffId = config.diffIds().isEmpty() ? null : config.diffIds().get(i);
      String name = "layer %d (%s) of %s".formatted(i + 1, layer.digest(), reference);
      progress.say("unpacking layer %d/%d".formatted(i + 1, count));
      FileChannel spool = open(scratch.resolve("layer-%d.files".formatted(i)));
      spools.add(spool);
      new LayerReader(name, tree, note -> progress.say("note: " + note)).read(blob, spool, diffId);
      Files.delete(blob);
    }
    return tree.build();
  }

  private static FileChannel open(Path spool) throws IOException {
    return FileChannel.open(
        spool,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  private static ImageConfig config(
      Repository repository, Manifest manifest, String reference, Path scratch) throws IOException {
    if (manifest.config().size() > LARGEST_CONFIG) {
      throw new BuildFailure(
          Code.SourceCorrupt,
          "the configuration of %s has %d bytes".formatted(reference, manifest.config().size()),
          "build and push the image again");
    }
    Path file = scratch.resolve("config.json");
    repository.pull(manifest.config(), file, bytes -> {});
    return ImageConfig.parse(Files.readAllBytes(file), reference);
  }

  private static void requireArchitecture(
      ImageConfig config, String architecture, String reference) {
    if (!config.architecture().isEmpty() && !config.architecture().equals(architecture)) {
      throw new BuildFailure(
          Code.WrongArchitecture,
          "%s is an image for %s, not for %s"
              .formatted(reference, config.architecture(), architecture),
          "name a tag that was built for linux/" + architecture);
    }
  }

  @Override
  public void close() throws IOException {
    closeAll(spools);
  }

  private static void closeAll(List<FileChannel> spools) throws IOException {
    for (FileChannel spool : spools) {
      spool.close();
    }
  }
}
