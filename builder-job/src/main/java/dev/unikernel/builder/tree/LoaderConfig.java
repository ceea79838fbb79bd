package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The directories that a tree's own {@code /etc/ld.so.conf} adds (ldconfig(8)), in order. */
final class LoaderConfig {
  private static final String ROOT_FILE = "/etc/ld.so.conf";
  private static final int LARGEST_FILE = 1 << 20;

  private final FileTree tree;
  private final List<String> directories = new ArrayList<>();
  private final Set<String> filesRead = new HashSet<>();

  private LoaderConfig(FileTree tree) {
    this.tree = tree;
  }

  static List<String> directories(FileTree tree) throws IOException {
    LoaderConfig config = new LoaderConfig(tree);
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
    for (String path : Glob.of(pattern).in(tree)) {
      read(path);
    }
  }
}
