package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Finds the data files that an ELF file names in its own bytes, such as the parts of Node.js that
 * Debian keeps beside the program: C strings that are paths below {@code /usr/share}. Other places
 * hold what a program names and seldom needs, such as {@code /etc/shadow} in every C library.
 */
public final class Mentions {
  private static final String PLACE = "/usr/share/";
  private static final int LONGEST = 255;

  private final SortedSet<String> paths = new TreeSet<>();
  private final StringBuilder text = new StringBuilder();
  private boolean inText;

  private Mentions() {}

  /** Paths of the tree's files without execute bit that the content names; none if it is no ELF. */
  public static SortedSet<String> in(Content content, FileTree tree) throws IOException {
    Mentions mentions = new Mentions();
    if (ElfFile.startsAsElf(content)) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      for (long position = 0; content.read(buffer, position) > 0; buffer.clear()) {
        buffer.flip();
        position += buffer.remaining();
        mentions.scan(buffer);
      }
      mentions.paths.removeIf(path -> !isData(tree, path));
    }
    return mentions.paths;
  }

  private void scan(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next >= ' ' && next <= '~') {
        if (!inText) {
          text.setLength(0);
          inText = true;
        }
        if (text.length() <= LONGEST && (text.length() > 0 || next == '/')) {
          text.append((char) next);
        } else if (text.isEmpty()) {
          text.append(' ');
        }
      } else {
        if (next == 0 && inText && text.length() <= LONGEST && text.indexOf(PLACE) == 0) {
          paths.add(text.toString());
        }
        inText = false;
      }
    }
  }

  private static boolean isData(FileTree tree, String path) {
    return tree.resolve(path)
        .filter(found -> found.entry() instanceof Entry.File file && !file.executable())
        .isPresent();
  }
}
