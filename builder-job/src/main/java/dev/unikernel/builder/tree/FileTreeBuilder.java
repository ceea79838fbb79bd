package dev.unikernel.builder.tree;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Collects a {@link FileTree}. Parents of a path are followed through links within the tree, and
 * made with mode 0755 where they are missing. Its failures are {@code FileConflict}.
 */
public final class FileTreeBuilder {
  /** Twice what any kernel takes: it only keeps links from making paths without end. */
  private static final int LONGEST = 8190;

  private final NavigableMap<String, Entry> entries;

  /** Real directories by a path that leads there; it is forgotten when a directory or link goes. */
  private final Map<String, String> directories = new HashMap<>();

  FileTreeBuilder(NavigableMap<String, Entry> entries) {
    this.entries = entries;
  }

  /**
   * Puts one entry. The last name of the path is not followed. A directory keeps what already lies
   * in it; anything else replaces what was there, with all below it.
   */
  public FileTreeBuilder put(String path, Entry entry) {
    String place = place(path);
    boolean directory = entry instanceof Entry.Directory;
    if (!directory && place.equals("/")) {
      throw new BuildFailure(
          Code.FileConflict,
          "%s would replace the root directory".formatted(path),
          "give the file a name");
    }
    if (!directory || !(entries.get(place) instanceof Entry.Directory)) {
      clearBelow(place);
    }
    makeDirectories(Paths.parent(place));
    entries.put(place, entry);
    return this;
  }

  /** The entry at a path. The last name is not followed. */
  public Optional<Entry> get(String path) {
    return Optional.ofNullable(entries.get(place(path)));
  }

  /** Removes a path and all below it, if it is there. The last name is not followed. */
  public FileTreeBuilder remove(String path) {
    String place = place(path);
    if (!place.equals("/")) {
      clearBelow(place);
    }
    return this;
  }

  /** Empties a directory, if it is there and is one. The last name is not followed. */
  public FileTreeBuilder clear(String directory) {
    String place = place(directory);
    if (entries.get(place) instanceof Entry.Directory kept) {
      clearBelow(place);
      entries.put(place, kept);
    }
    return this;
  }

  /** The tree so far; the builder can go on. */
  public FileTree build() {
    return new FileTree(new TreeMap<>(entries));
  }

  private String place(String path) {
    List<String> names = Paths.names(path);
    if (names.contains("..") || path.indexOf('\0') >= 0) {
      throw new BuildFailure(
          Code.FileConflict,
          "%s is no path of a file".formatted(path.replace('\0', '?')),
          "write it without `..` and without zero bytes");
    }
    if (names.isEmpty()) {
      return "/";
    }
    String name = names.removeLast();
    String place =
        directory(names)
            .map(parent -> Paths.child(parent, name))
            .orElseThrow(
                () ->
                    new BuildFailure(
                        Code.FileConflict,
                        "%s cannot be put there: a file or a loop of links is in its way"
                            .formatted(path),
                        "choose another path, or remove what is in its way"));
    if (place.length() > LONGEST) {
      throw new BuildFailure(
          Code.FileConflict,
          "%s… leads through links to a path of more than %d characters"
              .formatted(path.substring(0, Math.min(80, path.length())), LONGEST),
          "choose a shorter path");
    }
    return place;
  }

  /** Where the directory is or would be made; empty where something else is in the way. */
  private Optional<String> directory(List<String> names) {
    Deque<String> unknown = new ArrayDeque<>();
    String path = "/" + String.join("/", names);
    while (!path.equals("/") && !directories.containsKey(path)) {
      unknown.push(path);
      path = Paths.parent(path);
    }
    String real = directories.getOrDefault(path, "/");
    for (String next : unknown) {
      String place = Paths.child(real, next.substring(next.lastIndexOf('/') + 1));
      switch (entries.get(place)) {
        case null -> real = place;
        case Entry.File file -> {
          return Optional.empty();
        }
        case Entry.Directory directory -> {
          real = place;
          directories.put(next, real);
        }
        case Entry.Symlink link -> {
          Optional<String> target = Resolver.directory(entries, next);
          if (target.isEmpty()) {
            return target;
          }
          real = target.get();
          if (Resolver.resolve(entries, next).isPresent()) {
            directories.put(next, real);
          }
        }
      }
    }
    return Optional.of(real);
  }

  private void clearBelow(String place) {
    switch (entries.get(place)) {
      case Entry.Directory gone -> directories.clear();
      case Entry.Symlink gone -> directories.clear();
      case null, default -> {}
    }
    Paths.under(entries, place).clear();
  }

  private void makeDirectories(String path) {
    Deque<String> missing = new ArrayDeque<>();
    for (String at = path; !entries.containsKey(at); at = Paths.parent(at)) {
      missing.push(at);
    }
    missing.forEach(directory -> entries.put(directory, new Entry.Directory(0755)));
  }
}
