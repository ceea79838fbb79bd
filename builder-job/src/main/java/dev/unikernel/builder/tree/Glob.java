package dev.unikernel.builder.tree;

import java.util.ArrayList;
import java.util.List;

/**
 * A shell pattern over a tree's paths. Links in the part before the first wildcard are followed.
 *
 * <ul>
 *   <li>{@code *} any part of a name, {@code ?} one character of it
 *   <li>{@code **} any part of a path, and {@code **}{@code /} any number of directories or none
 *   <li>{@code [a-z]} one of these characters, {@code [!a-z]} one of the others, none a slash
 *   <li>{@code {a,b}} one of these patterns, without braces in braces
 *   <li>{@code \} takes the next character as it is
 * </ul>
 */
public final class Glob {
  private final String base;
  private final List<GlobPattern> rest;

  private Glob(String base, List<GlobPattern> rest) {
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
    List<GlobPattern> rest =
        literal == names.size()
            ? List.of()
            : Braces.expand(String.join("/", names.subList(literal, names.size()))).stream()
                .map(GlobPattern::of)
                .toList();
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
    return tree.resolve(base).map(FileTree.Resolved::path).stream()
        .flatMap(
            directory ->
                tree.under(directory).keySet().stream()
                    .filter(path -> path.length() > directory.length())
                    .filter(path -> matches(below(directory, path))))
        .toList();
  }

  private boolean matches(String path) {
    return rest.stream().anyMatch(pattern -> pattern.matches(path));
  }

  private static String below(String directory, String path) {
    return path.substring(directory.length() == 1 ? 1 : directory.length() + 1);
  }

  /** One pattern with braces is several without. */
  private static final class Braces {
    private static final int MOST = 256;

    private Braces() {}

    static List<String> expand(String pattern) {
      List<StringBuilder> all = new ArrayList<>(List.of(new StringBuilder()));
      int at = 0;
      while (at < pattern.length()) {
        char next = pattern.charAt(at);
        int end = next == '{' ? closing(pattern, at) : end(pattern, at);
        String part = pattern.substring(at, end);
        all =
            next == '{'
                ? product(all, alternatives(part.substring(1, part.length() - 1)))
                : product(all, List.of(part));
        at = end;
      }
      return all.stream().map(StringBuilder::toString).toList();
    }

    private static int end(String pattern, int at) {
      return switch (pattern.charAt(at)) {
        case '\\' -> Math.min(at + 2, pattern.length());
        case '[' -> GlobPattern.closing(pattern, at);
        default -> at + 1;
      };
    }

    private static int closing(String pattern, int open) {
      for (int at = open + 1; at < pattern.length(); at = end(pattern, at)) {
        if (pattern.charAt(at) == '{') {
          throw new IllegalArgumentException("braces in braces");
        }
        if (pattern.charAt(at) == '}') {
          return at + 1;
        }
      }
      throw new IllegalArgumentException("a brace is not closed");
    }

    private static List<String> alternatives(String list) {
      List<String> alternatives = new ArrayList<>();
      int start = 0;
      for (int at = 0; at < list.length(); at = end(list, at)) {
        if (list.charAt(at) == ',') {
          alternatives.add(list.substring(start, at));
          start = at + 1;
        }
      }
      alternatives.add(list.substring(start));
      return alternatives;
    }

    private static List<StringBuilder> product(List<StringBuilder> all, List<String> parts) {
      if (parts.size() == 1) {
        all.forEach(pattern -> pattern.append(parts.getFirst()));
        return all;
      }
      if ((long) all.size() * parts.size() > MOST) {
        throw new IllegalArgumentException("more than %d alternatives".formatted(MOST));
      }
      List<StringBuilder> longer = new ArrayList<>();
      for (StringBuilder pattern : all) {
        parts.forEach(part -> longer.add(new StringBuilder(pattern).append(part)));
      }
      return longer;
    }
  }
}
