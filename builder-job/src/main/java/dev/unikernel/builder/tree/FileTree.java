package dev.unikernel.builder.tree;

import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of a root file system, immutable. Paths are absolute, without dots or trailing slash,
 * and real: every entry's parent is a directory of the tree, never a link. The root {@code /} is
 * always there.
 */
public final class FileTree {
  private final NavigableMap<String, Entry> entries;

  FileTree(NavigableMap<String, Entry> entries) {
    this.entries = Collections.unmodifiableNavigableMap(entries);
  }

  /** A tree that holds nothing but its root. */
  public static FileTree empty() {
    return builder().build();
  }

  public static FileTreeBuilder builder() {
    TreeMap<String, Entry> entries = new TreeMap<>(Paths.ORDER);
    entries.put("/", new Entry.Directory(0755));
    return new FileTreeBuilder(entries);
  }

  /**
   * Why no tree takes this path, for any content: it is too long or too deep.
   *
   * @return words that follow "has", or empty
   */
  public static Optional<String> excess(String path) {
    return Paths.excess(path);
  }

  /** A builder that starts with all of this tree. */
  public FileTreeBuilder toBuilder() {
    return new FileTreeBuilder(new TreeMap<>(entries));
  }

  /** Every entry with {@code /} first, depth first: a directory's content directly follows it. */
  public NavigableMap<String, Entry> entries() {
    return entries;
  }

  /** The entry of exactly this path; links are not followed. */
  public Optional<Entry> get(String path) {
    return Optional.ofNullable(entries.get(path));
  }

  /**
   * The file or directory that Linux finds for {@code path} in a process whose root is this tree:
   * links are followed, 40 at most, and nothing leads out. Empty where open(2) would fail.
   */
  public Optional<Resolved> resolve(String path) {
    return Resolver.resolve(entries, path);
  }

  /** The real path of a name that may itself be a link: only what leads to it is followed. */
  public Optional<String> locate(String path) {
    List<String> names = Paths.names(path);
    if (names.isEmpty() || names.getLast().equals("..")) {
      return resolve(path).map(Resolved::path);
    }
    String name = names.removeLast();
    return resolve("/" + String.join("/", names))
        .map(parent -> Paths.child(parent.path(), name))
        .filter(entries::containsKey);
  }

  /** {@code directory} and all that lies below it, in the order of {@link #entries()}. */
  public NavigableMap<String, Entry> under(String directory) {
    return Paths.under(entries, directory);
  }

  /** The same files without set-user-id, set-group-id and sticky bits. */
  public FileTree withoutSpecialModes() {
    NavigableMap<String, Entry> plain = new TreeMap<>(entries);
    plain.replaceAll(
        (path, entry) ->
            entry instanceof Entry.File(int mode, Content content)
                ? new Entry.File(mode & 0777, content)
                : entry);
    return new FileTree(plain);
  }

  /** What lies directly in {@code directory}: full paths, sorted. */
  public List<String> children(String directory) {
    return under(directory).keySet().stream()
        .filter(path -> path.length() > 1 && Paths.parent(path).equals(directory))
        .toList();
  }

  /**
   * What a path leads to.
   *
   * @param path the real path, without links
   * @param entry a file or a directory
   * @param links real paths of the links passed, in order
   */
  public record Resolved(String path, Entry entry, List<String> links) {}
}
