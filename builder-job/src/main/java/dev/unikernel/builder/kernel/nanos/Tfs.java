package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.unikernel.builder.kernel.Sha256;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A new TFS file system, planned but not yet written: where each file's bytes go, and the log that
 * says so. Planning reads no content; the same tree and settings always make the same bytes.
 *
 * <p>The UUID is the head of a SHA-256 over label and log, that is over every name, size and
 * setting; file contents are not in it, so that no file needs to be read twice.
 *
 * <p>TFS keeps no modes, owners or times: they are left behind here.
 */
final class Tfs {
  private static final long FIRST_DATA_SECTOR = TfsLog.FIRST_EXTENSION + TfsLog.EXTENSION_SECTORS;

  private record Placement(long sector, Content content) {}

  private final List<Placement> placements = new ArrayList<>();
  private final IdentityHashMap<Content, Tuple> files = new IdentityHashMap<>();
  private final List<TfsLog.Extension> log;
  private long sectors = FIRST_DATA_SECTOR;

  /**
   * @param settings entries of the root tuple beside the files; see {@link Manifest}
   * @param label at most 31 bytes
   */
  Tfs(FileTree tree, Tuple settings, String label) {
    Tuple root = new Tuple().with("children", children(tree));
    settings.entries().forEach(root::with);
    byte[] tuple = TupleEncoder.encode(root);
    log = TfsLog.extensions(uuid(label, tuple), label, tuple, sectors);
    sectors += TfsLog.furtherSectors(tuple.length);
  }

  /** Bytes from the start of the file system to the end of its last file. */
  long sizeBytes() {
    return sectors * Sectors.SIZE;
  }

  /** Writes the file system at a byte offset of a file that holds only zeros there. */
  void writeTo(FileChannel disk, long offset) throws IOException {
    for (TfsLog.Extension extension : log) {
      disk.position(offset + extension.sector() * Sectors.SIZE);
      ByteBuffer content = extension.content().duplicate();
      while (content.hasRemaining()) {
        disk.write(content);
      }
    }
    for (Placement placement : placements) {
      disk.position(offset + placement.sector * Sectors.SIZE);
      placement.content.copyTo(disk);
    }
  }

  private Tuple children(FileTree tree) {
    Map<String, Tuple> directories = new HashMap<>();
    Tuple root = new Tuple();
    directories.put("/", root);
    tree.entries()
        .forEach(
            (path, entry) -> {
              if (!path.equals("/")) {
                int slash = path.lastIndexOf('/');
                Tuple parent = directories.get(slash == 0 ? "/" : path.substring(0, slash));
                parent.with(path.substring(slash + 1), tuple(path, entry, directories));
              }
            });
    return root;
  }

  private Tuple tuple(String path, Entry entry, Map<String, Tuple> directories) {
    return switch (entry) {
      case Entry.Directory _ -> {
        Tuple children = new Tuple();
        directories.put(path, children);
        yield new Tuple().with("children", children);
      }
      case Entry.Symlink(var target) -> new Tuple().with("linktarget", target);
      case Entry.File file -> file(file.content());
    };
  }

  private Tuple file(Content content) {
    Tuple known = files.get(content);
    if (known == null) {
      Tuple file = allocate(content);
      files.put(content, file);
      return file;
    }
    long names = known.get("nlink").map(value -> ((Value.Int) value).number()).orElse(1L);
    return known.with("nlink", names + 1);
  }

  private Tuple allocate(Content content) {
    Tuple extents = new Tuple();
    long length = Sectors.holding(content.size());
    if (length > 0) {
      extents.with(
          "0",
          new Tuple().with("length", length).with("offset", sectors).with("allocated", length));
      placements.add(new Placement(sectors, content));
      sectors += length;
    }
    return new Tuple().with("filelength", content.size()).with("extents", extents);
  }

  private static byte[] uuid(String label, byte[] tuple) {
    MessageDigest digest = Sha256.digest();
    digest.update(label.getBytes(UTF_8));
    return Arrays.copyOf(digest.digest(tuple), TfsLog.UUID_BYTES);
  }
}
