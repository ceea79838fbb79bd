package dev.unikernel.builder.source;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.registry.Digest;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Lays one layer over a tree (OCI image-spec, layer.md). File contents go one after another into a
 * spool file; nothing of them stays in memory. What is neither file, directory nor link, such as a
 * device or a FIFO, is left out: a guest has its own. It still takes the place of what is below.
 */
final class LayerReader {
  private static final String WHITEOUT = ".wh.";
  private static final char UNREADABLE = '\ufffd';
  private static final String OPAQUE = ".wh..wh..opq";

  private final String layer;
  private final FileTreeBuilder tree;
  private final Consumer<String> notes;
  private final List<String> whiteouts = new ArrayList<>();
  private final List<String> opaque = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();
  private int unreadableNames;

  /**
   * An entry of the layer, to be put when the whole layer is known; hard links name their target.
   */
  private sealed interface Placed {
    record Own(String path, Entry entry) implements Placed {}

    record HardLink(String path, String target) implements Placed {}

    record LeftOut(String path) implements Placed {}
  }

  LayerReader(String layer, FileTreeBuilder tree, Consumer<String> notes) {
    this.layer = layer;
    this.tree = tree;
    this.notes = notes;
  }

  /**
   * Unpacks the layer and lays it over the tree.
   *
   * @param blob the layer as it came, packed or not
   * @param spool takes the contents, which the tree then refers to
   * @param diffId {@code sha256:…} of its tar, or null where the image does not say
   */
  void read(Path blob, FileChannel spool, String diffId) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    try (InputStream file = Files.newInputStream(blob);
        InputStream tar = new DigestInputStream(Compression.unpack(file), sha256)) {
      spool(new TarArchiveInputStream(tar, "UTF-8"), spool);
      tar.transferTo(OutputStream.nullOutputStream());
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt("cannot be unpacked: " + e.getMessage(), e);
    }
    String digest = Digest.text(sha256);
    if (diffId != null && !digest.equals(diffId)) {
      throw corrupt("unpacks to %s, not to %s as the image says".formatted(digest, diffId), null);
    }
    layOver();
    if (unreadableNames > 0) {
      notes.accept(
          "%s has %d names that are not UTF-8: each such byte becomes U+FFFD, and names that differ"
                  .formatted(layer, unreadableNames)
              + " only there are one file");
    }
  }

  private void spool(TarArchiveInputStream tar, FileChannel contents) throws IOException {
    byte[] buffer = new byte[1 << 16];
    TarArchiveEntry entry;
    while ((entry = tar.getNextEntry()) != null) {
      String path = path(entry.getName());
      unreadableNames += path.indexOf(UNREADABLE) < 0 ? 0 : 1;
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (name.equals(OPAQUE)) {
        opaque.add(parent(path));
      } else if (name.startsWith(WHITEOUT)) {
        if (!name.startsWith(WHITEOUT + WHITEOUT)) {
          whiteouts.add(parent(path) + "/" + name.substring(WHITEOUT.length()));
        }
      } else {
        place(path, entry, tar, contents, buffer);
      }
    }
  }

  private void place(
      String path,
      TarArchiveEntry entry,
      TarArchiveInputStream tar,
      FileChannel contents,
      byte[] buffer)
      throws IOException {
    int mode = entry.getMode() & 07777;
    if (entry.isLink()) {
      placed.add(new Placed.HardLink(path, path(entry.getLinkName())));
    } else if (entry.isSymbolicLink()) {
      placed.add(new Placed.Own(path, new Entry.Symlink(entry.getLinkName())));
    } else if (entry.isDirectory()) {
      placed.add(new Placed.Own(path, new Entry.Directory(mode)));
    } else if (entry.isFile()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO()) {
      long start = contents.position();
      for (int count; (count = tar.read(buffer)) > 0; ) {
        write(contents, ByteBuffer.wrap(buffer, 0, count));
      }
      long size = contents.position() - start;
      placed.add(new Placed.Own(path, new Entry.File(mode, Content.of(contents, start, size))));
    } else {
      placed.add(new Placed.LeftOut(path));
    }
  }

  private static void write(FileChannel contents, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        contents.write(bytes);
      }
    } catch (IOException e) {
      throw BuildFailure.ofScratch(e);
    }
  }

  /** Whiteouts hide what is below this layer, never what is in it, so they go first. */
  private void layOver() {
    try {
      opaque.forEach(tree::clear);
      whiteouts.forEach(tree::remove);
      Set<String> leftOut = new HashSet<>();
      for (Placed next : placed) {
        switch (next) {
          case Placed.Own(String path, Entry entry) -> {
            tree.put(path, entry);
            leftOut.remove(path);
          }
          case Placed.LeftOut(String path) -> {
            tree.remove(path);
            leftOut.add(path);
          }
          case Placed.HardLink(String path, String target) when leftOut.contains(target) -> {
            tree.remove(path);
            leftOut.add(path);
          }
          case Placed.HardLink(String path, String target) -> {
            tree.put(path, linked(path, target));
            leftOut.remove(path);
          }
        }
      }
    } catch (BuildFailure conflict) {
      throw conflict.error().code() == Code.FileConflict
          ? corrupt("cannot be laid over those below: " + conflict.getMessage(), conflict)
          : conflict;
    }
  }

  private Entry linked(String path, String target) {
    return tree.get(target)
        .filter(entry -> !(entry instanceof Entry.Directory))
        .orElseThrow(
            () -> corrupt("links %s to %s, which is no file".formatted(path, target), null));
  }

  /** Absolute, and free of {@code ..}: nothing in a layer may name what is outside of it. */
  private String path(String name) {
    String path = "/" + name;
    FileTree.excess(path)
        .ifPresent(
            excess -> {
              throw corrupt(
                  "holds a file, `%s…`, that has %s"
                      .formatted(name.substring(0, Math.min(80, name.length())), excess),
                  null);
            });
    if (path.endsWith("/..") || path.contains("/../")) {
      throw corrupt("holds the path `%s`, which leads out of it".formatted(name), null);
    }
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return path;
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private BuildFailure corrupt(String what, Exception cause) {
    return new BuildFailure(
        Code.SourceCorrupt, layer + " " + what, "build and push the image again", cause);
  }
}
