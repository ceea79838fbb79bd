package dev.unikernel.builder.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Parts of a tree that stay. A link stays together with what it leads to, and everything with the
 * directories it lies in.
 */
public final class Selection {
  private final FileTree tree;
  private final SortedSet<String> paths = new TreeSet<>(Paths.ORDER);

  public Selection(FileTree tree) {
    this.tree = tree;
  }

  /** Keeps what a path leads to, and the links on the way; nothing where it leads nowhere. */
  public Optional<FileTree.Resolved> keep(String path) {
    Optional<FileTree.Resolved> resolved = tree.resolve(path);
    resolved.ifPresent(
        found -> {
          found.links().forEach(this::add);
          add(found.path());
        });
    return resolved;
  }

  /** Keeps one real path. Where it is a link, what it leads to stays too. */
  public void keepExactly(String path) {
    add(path);
    if (tree.get(path).orElse(null) instanceof Entry.Symlink) {
      keep(path);
    }
  }

  /** Keeps a directory with all below it. */
  public void keepBelow(String directory) {
    keep(directory)
        .ifPresent(
            found -> List.copyOf(tree.under(found.path()).keySet()).forEach(this::keepExactly));
  }

  public boolean contains(String realPath) {
    return paths.contains(realPath);
  }

  /** Real paths of what was kept so far, sorted. */
  public List<String> paths() {
    return new ArrayList<>(paths);
  }

  /** The tree of what was kept. */
  public FileTree tree() {
    FileTreeBuilder kept = FileTree.builder();
    for (String path : paths) {
      kept.put(path, tree.get(path).orElseThrow());
    }
    return kept.build();
  }

  private void add(String path) {
    if (tree.get(path).isPresent() && paths.add(path) && !path.equals("/")) {
      add(Paths.parent(path));
    }
  }
}
