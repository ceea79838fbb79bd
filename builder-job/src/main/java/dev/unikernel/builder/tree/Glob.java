package dev.unikernel.builder.tree;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * A shell pattern over a tree's paths, with {@code **} for any depth. Links in the part before the
 * first wildcard are followed.
 */
public final class Glob {
  private final String base;
  private final String rest;

  private Glob(String base, String rest) {
    this.base = base;
    this.rest = rest;
  }

  /**
   * Reads a pattern.
   *
   * @param pattern absolute
   * @throws IllegalArgumentException where it is no pattern, with the reason
   */
  public static Glob of(String pattern) {
    if (!pattern.startsWith("/") || pattern.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a pattern starts with /");
    }
    List<String> names = Paths.names(pattern);
    int literal = 0;
    while (literal < names.size()
        && names.get(literal).chars().noneMatch(c -> "*?[{\\".indexOf(c) >= 0)) {
      literal++;
    }
    String rest = String.join("/", names.subList(literal, names.size()));
    matcher(rest);
    return new Glob("/" + String.join("/", names.subList(0, literal)), rest);
  }

  /** Whether the pattern holds no wildcard. */
  public boolean isPath() {
    return rest.isEmpty();
  }

  /** Real paths of all that matches, sorted. */
  public List<String> in(FileTree tree) {
    if (isPath()) {
      return tree.locate(base).stream().toList();
    }
    PathMatcher matcher = matcher(rest);
    return tree.resolve(base).map(FileTree.Resolved::path).stream()
        .flatMap(
            directory ->
                tree.under(directory).keySet().stream()
                    .filter(path -> path.length() > directory.length())
                    .filter(path -> matcher.matches(below(directory, path))))
        .toList();
  }

  private static Path below(String directory, String path) {
    return Path.of(path.substring(directory.length() == 1 ? 1 : directory.length() + 1));
  }

  private static PathMatcher matcher(String rest) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + rest);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(e.getDescription(), e);
    }
  }
}
