package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The directories that a tree's own {@code /etc/ld.so.conf} adds (ldconfig(8)), in order. */
final class LoaderConfig {
  private static final String ROOT_FILE = "/etc/ld.so.conf";
  private static final int LARGEST_FILE = 1 << 20;

  private final FileTree tree;
  private final Consumer<String> notes;
  private final List<String> directories = new ArrayList<>();
  private final Set<String> filesRead = new HashSet<>();

  private LoaderConfig(FileTree tree, Consumer<String> notes) {
    this.tree = tree;
    this.notes = notes;
  }

  /**
   * The directories.
   *
   * @param notes takes a line for each pattern that is none
   */
  static List<String> directories(FileTree tree, Consumer<String> notes) throws IOException {
    LoaderConfig config = new LoaderConfig(tree, notes);
    config.read(ROOT_FILE);
    return List.copyOf(config.directories);
  }

  private void read(String path) throws IOException {
    FileTree.Resolved resolved = tree.resolve(path).orElse(null);
    if (resolved == null
        || !(resolved.entry() instanceof Entry.File file)
        || file.size() > LARGEST_FILE
        || !filesRead.add(resolved.path())) {
      return;
    }
    String text = new String(file.content().open().readAllBytes(), StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      directive(line.replaceFirst("#.*", "").trim(), Paths.parent(path));
    }
  }

  private void directive(String line, String here) throws IOException {
    String[] words = line.split("[\\s:,]+", -1);
    switch (words[0]) {
      case "include" -> {
        for (int i = 1; i < words.length; i++) {
          include(words[i].startsWith("/") ? words[i] : Paths.child(here, words[i]));
        }
      }
      case "hwcap", "" -> {}
      default -> {
        for (String word : words) {
          String directory = word.replaceFirst("=.*", "");
          if (directory.startsWith("/")) {
            directories.add(directory);
          }
        }
      }
    }
  }

  private void include(String pattern) throws IOException {
    for (String path : matches(pattern)) {
      read(path);
    }
  }

  private List<String> matches(String pattern) {
    try {
      return Glob.of(pattern).in(tree);
    } catch (IllegalArgumentException e) {
      notes.accept(
          "%s includes `%s`, which is no pattern (%s), and is passed over"
              .formatted(ROOT_FILE, pattern, e.getMessage()));
      return List.of();
    }
  }
}
