package dev.unikernel.builder.kernel.linux;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Writes a file tree as a cpio archive of the {@code newc} kind, the one that Linux unpacks at boot
 * (Documentation/driver-api/early-userspace/buffer-format.rst). The same tree always makes the same
 * bytes: time stamps are 0, everything belongs to root, inodes are numbered in the tree's order.
 */
final class CpioWriter {
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int SYMLINK = 0120000;
  private static final long MAX_FILE = 0xffff_ffffL;
  private static final int MAX_PATH = 4095;
  private static final int MAX_NAME = 255;
  private static final String TRAILER = "TRAILER!!!";
  private static final int BLOCK = 512;
  private static final HexFormat HEX = HexFormat.of();

  private final WritableByteChannel target;
  private final IdentityHashMap<Content, Link> links = new IdentityHashMap<>();
  private long written;
  private int lastInode;

  private CpioWriter(WritableByteChannel target) {
    this.target = target;
  }

  /** A file's inode, and how many names it has. */
  private static final class Link {
    private int names;
    private int inode;
  }

  /**
   * Writes the tree; its root goes by the name of a dot, for Linux starts with a root that everyone
   * may write to.
   *
   * @return bytes written, a multiple of 512
   */
  static long write(FileTree tree, WritableByteChannel target) throws IOException {
    CpioWriter writer = new CpioWriter(target);
    writer.countNames(tree);
    for (Map.Entry<String, Entry> entry : tree.entries().entrySet()) {
      String name = entry.getKey().equals("/") ? "." : entry.getKey().substring(1);
      writer.entry(name, entry.getValue());
    }
    writer.header(TRAILER, 0, 0, 1, 0);
    writer.pad(BLOCK);
    return writer.written;
  }

  private void countNames(FileTree tree) {
    for (Entry entry : tree.entries().values()) {
      if (entry instanceof Entry.File(var mode, var content)) {
        links.computeIfAbsent(content, unseen -> new Link()).names++;
      }
    }
  }

  private void entry(String name, Entry entry) throws IOException {
    requireUnpackable(name, entry);
    switch (entry) {
      case Entry.Directory(int mode) -> header(name, ++lastInode, DIRECTORY | mode, 2, 0);
      case Entry.Symlink(String linkTarget) -> {
        byte[] bytes = linkTarget.getBytes(StandardCharsets.UTF_8);
        header(name, ++lastInode, SYMLINK | 0777, 1, bytes.length);
        put(ByteBuffer.wrap(bytes));
        pad(4);
      }
      case Entry.File(int mode, Content content) -> file(name, mode, content);
    }
  }

  /** Linux skips without a word what it cannot unpack (init/initramfs.c). */
  private static void requireUnpackable(String path, Entry entry) {
    if (path.equals(TRAILER)) {
      throw limit(path, "is the name at which Linux ends an archive", "give it another name");
    }
    if (length(path) > MAX_PATH) {
      throw limit(path, "is a path of more than %d bytes".formatted(MAX_PATH), "make it shorter");
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (length(name) > MAX_NAME) {
      throw limit(path, "is a name of more than %d bytes".formatted(MAX_NAME), "make it shorter");
    }
    if (entry instanceof Entry.Symlink(String target) && length(target) > MAX_PATH) {
      throw limit(path, "links to a path of more than %d bytes".formatted(MAX_PATH), "shorten it");
    }
  }

  private static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static BuildFailure limit(String path, String problem, String change) {
    String shown = path.length() > 200 ? path.substring(0, 200) + "…" : path;
    return new BuildFailure(
        Code.KernelLimit,
        "/%s %s".formatted(shown, problem),
        change + ", leave it out with contents: Minimal, or use kernel nanos");
  }

  /**
   * The first name of a file carries its content; Linux makes the others links of the same inode.
   */
  private void file(String name, int mode, Content content) throws IOException {
    if (content.size() > MAX_FILE) {
      throw new BuildFailure(
          Code.KernelLimit,
          "/%s has %,d bytes; the linux kernel's initial file system holds files below 4 GiB"
              .formatted(name, content.size()),
          "leave it out, or let the program fetch it");
    }
    Link link = links.get(content);
    boolean first = link.inode == 0;
    if (first) {
      link.inode = ++lastInode;
    }
    header(name, link.inode, REGULAR | mode, link.names, first ? content.size() : 0);
    if (first) {
      content.copyTo(target);
      written += content.size();
      pad(4);
    }
  }

  private void header(String name, int inode, int mode, int names, long size) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    StringBuilder header = new StringBuilder("070701");
    int owner = 0;
    int group = 0;
    int modified = 0;
    long[] fields = {
      inode, mode, owner, group, names, modified, size, 0, 0, 0, 0, bytes.length + 1, 0
    };
    for (long field : fields) {
      header.append(HEX.toHexDigits(field, 8));
    }
    put(StandardCharsets.US_ASCII.encode(header.toString()));
    put(ByteBuffer.wrap(bytes));
    put(ByteBuffer.allocate(1));
    pad(4);
  }

  private void pad(int multiple) throws IOException {
    put(ByteBuffer.allocate((int) Math.floorMod(-written, (long) multiple)));
  }

  private void put(ByteBuffer bytes) throws IOException {
    written += bytes.remaining();
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
  }
}
