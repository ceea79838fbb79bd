package dev.unikernel.builder.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks a path as Linux does for a process whose root is the tree: links are followed, at most 40
 * of them (path_resolution(7)), {@code ..} of the root is the root.
 */
final class Resolver {
  static final int MOST_LINKS = 40;

  private static final Entry MISSING_DIRECTORY = new Entry.Directory(0755);

  private final Map<String, Entry> entries;
  private final boolean missingAreDirectories;
  private final Deque<String> rest = new ArrayDeque<>();
  private final List<String> links = new ArrayList<>();
  private boolean endsInDirectory;

  private Resolver(Map<String, Entry> entries, boolean missingAreDirectories) {
    this.entries = entries;
    this.missingAreDirectories = missingAreDirectories;
  }

  /** The file or directory behind {@code path}, or empty where Linux would answer with an error. */
  static Optional<FileTree.Resolved> resolve(Map<String, Entry> entries, String path) {
    return new Resolver(entries, false).walk(path);
  }

  /** Where the directory {@code path} is or would be made; empty where a file is in the way. */
  static Optional<String> directory(Map<String, Entry> entries, String path) {
    return new Resolver(entries, true).walk(path + "/").map(FileTree.Resolved::path);
  }

  private Optional<FileTree.Resolved> walk(String path) {
    enter(path);
    String here = "/";
    Entry entry = at(here);
    while (!rest.isEmpty()) {
      if (!(entry instanceof Entry.Directory)) {
        return Optional.empty();
      }
      String name = rest.pop();
      String next = name.equals("..") ? Paths.parent(here) : Paths.child(here, name);
      switch (at(next)) {
        case null -> {
          return Optional.empty();
        }
        case Entry.Symlink link when links.size() == MOST_LINKS -> {
          return Optional.empty();
        }
        case Entry.Symlink link -> {
          links.add(next);
          enter(link.target());
          here = link.target().startsWith("/") ? "/" : here;
        }
        case Entry other -> {
          here = next;
          entry = other;
        }
      }
    }
    return endsInDirectory && !(entry instanceof Entry.Directory)
        ? Optional.empty()
        : Optional.of(new FileTree.Resolved(here, entry, List.copyOf(links)));
  }

  private void enter(String path) {
    if (rest.isEmpty()) {
      endsInDirectory |= path.endsWith("/") || path.endsWith("/.");
    }
    List<String> names = Paths.names(path);
    for (int i = names.size() - 1; i >= 0; i--) {
      rest.push(names.get(i));
    }
  }

  private Entry at(String path) {
    Entry entry = entries.get(path);
    return entry == null && missingAreDirectories ? MISSING_DIRECTORY : entry;
  }
}
