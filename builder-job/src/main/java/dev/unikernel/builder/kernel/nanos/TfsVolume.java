package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.kernel.nanos.Value.Int;
import dev.unikernel.builder.kernel.nanos.Value.Text;
import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A TFS file system as it lies on a disk of any origin. Bytes that are no sound file system end as
 * {@link TfsException}; sizes, counts and depths are limited, so reading them costs little.
 */
public final class TfsVolume {
  private static final int MOST_NAME_BYTES = 255;
  private static final int MOST_PATH_BYTES = 4096;

  /** Of all paths together. */
  private static final long MOST_PATH_CHARACTERS = 64 << 20;

  /** So many always fit into 63 bits. */
  private static final int MOST_DIGITS = 18;

  private final String uuid;
  private final String label;
  private final Tuple root;
  private final Region region;

  TfsVolume(String uuid, String label, Tuple root, Region region) {
    this.uuid = uuid;
    this.label = label;
    this.root = root;
    this.region = region;
  }

  /**
   * Reads the file system that starts at a byte offset and goes to the end of the file at most.
   *
   * @param disk stays open as long as the volume's files are read
   */
  public static TfsVolume read(FileChannel disk, long offset) throws IOException {
    return new TfsLogReader(new Region(disk, offset)).volume();
  }

  /** In the order of the disk's bytes, as {@code 00112233-4455-6677-8899-aabbccddeeff}. */
  public String uuid() {
    return uuid;
  }

  public String label() {
    return label;
  }

  /** The root tuple: files under {@code children}, settings beside it. */
  Tuple root() {
    return root;
  }

  /** The files; TFS keeps no modes, so all have mode 0777, as Nanos itself says. */
  public FileTree files() throws TfsException {
    return new Walk().tree();
  }

  private final class Walk {
    private final FileTreeBuilder files = FileTree.builder();
    private final Set<Tuple> directories = Collections.newSetFromMap(new IdentityHashMap<>());
    private final IdentityHashMap<Tuple, Content> contents = new IdentityHashMap<>();
    private long pathCharacters;

    FileTree tree() throws TfsException {
      if (root.get("children").orElse(null) instanceof Tuple children) {
        directory("", children);
      }
      return files.build();
    }

    private void directory(String path, Tuple children) throws TfsException {
      if (!directories.add(children)) {
        throw new TfsException("a directory has a second name: " + path);
      }
      for (Map.Entry<String, Value> child : children.entries().entrySet()) {
        String childPath = path + "/" + checkedName(child.getKey());
        pathCharacters += childPath.length();
        if (childPath.length() > MOST_PATH_BYTES || pathCharacters > MOST_PATH_CHARACTERS) {
          throw new TfsException("paths are too long");
        }
        if (child.getValue() instanceof Tuple tuple) {
          entry(childPath, tuple);
        } else {
          throw new TfsException(childPath + " is no tuple");
        }
      }
    }

    private void entry(String path, Tuple tuple) throws TfsException {
      if (tuple.get("children").orElse(null) instanceof Tuple children) {
        files.put(path, new Entry.Directory(0777));
        directory(path, children);
      } else if (tuple.get("linktarget").orElse(null) instanceof Text(var target)) {
        if (target.isEmpty()) {
          throw new TfsException(path + " is a link without a target");
        }
        files.put(path, new Entry.Symlink(target));
      } else {
        Content content = contents.get(tuple);
        if (content == null) {
          content = content(path, tuple);
          contents.put(tuple, content);
        }
        files.put(path, new Entry.File(0777, content));
      }
    }

    private Content content(String path, Tuple file) throws TfsException {
      long size = number(path, file, "filelength");
      ExtentContent content = new ExtentContent(region, size);
      if (file.get("extents").orElse(null) instanceof Tuple extents) {
        for (Map.Entry<String, Value> extent : extents.entries().entrySet()) {
          if (!(extent.getValue() instanceof Tuple place)) {
            throw new TfsException(path + " has an extent that is no tuple");
          }
          if (place.get("uninited").isEmpty()) {
            content.add(
                decimal(path, extent.getKey()),
                number(path, place, "offset"),
                number(path, place, "length"));
          }
        }
      }
      return content;
    }

    private static String checkedName(String name) throws TfsException {
      boolean sound =
          !name.isEmpty()
              && name.length() <= MOST_NAME_BYTES
              && !name.equals(".")
              && !name.equals("..")
              && name.indexOf('/') < 0
              && name.indexOf('\0') < 0;
      if (!sound) {
        throw new TfsException("no file can have this name: " + name);
      }
      return name;
    }

    private static long number(String path, Tuple tuple, String attribute) throws TfsException {
      return switch (tuple.get(attribute).orElse(null)) {
        case Int(var number) when number >= 0 -> number;
        case Text(var text) -> decimal(path, text);
        case null -> 0;
        default -> throw new TfsException(path + " has a wrong " + attribute);
      };
    }

    private static long decimal(String path, String text) throws TfsException {
      if (text.isEmpty()
          || text.length() > MOST_DIGITS
          || !text.chars().allMatch(TfsVolume::digit)) {
        throw new TfsException(path + " has a number that is none: " + text);
      }
      return Long.parseLong(text);
    }
  }

  private static boolean digit(int character) {
    return character >= '0' && character <= '9';
  }
}
