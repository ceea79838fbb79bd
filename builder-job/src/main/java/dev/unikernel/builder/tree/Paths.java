package dev.unikernel.builder.tree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/** The grammar of a tree's paths: absolute, {@code /} between names, no empty name, no dots. */
final class Paths {
  /** Bytes, as Linux bounds them (limits.h: PATH_MAX with its zero byte, NAME_MAX). */
  private static final int LONGEST_PATH = 4095;

  private static final int LONGEST_NAME = 255;

  /** Names above one another; what people build has some 30. */
  private static final int DEEPEST = 250;

  private Paths() {}

  /** Depth first: a directory's content directly follows it. */
  static final Comparator<String> ORDER = Paths::compare;

  private static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return x == '/' ? -1 : y == '/' ? 1 : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Names between slashes, without empty ones and {@code .}; {@code ..} is kept. */
  static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    int start = 0;
    while (start < path.length()) {
      int end = path.indexOf('/', start);
      end = end < 0 ? path.length() : end;
      if (end > start && !(end == start + 1 && path.charAt(start) == '.')) {
        names.add(path.substring(start, end));
      }
      start = end + 1;
    }
    return names;
  }

  /** Why no file can have this path, in words that follow "has"; empty where one can. */
  static Optional<String> excess(String path) {
    if (path.length() > LONGEST_PATH || utf8Length(path) > LONGEST_PATH) {
      return Optional.of("a path of more than %d bytes".formatted(LONGEST_PATH));
    }
    List<String> names = names(path);
    if (names.size() > DEEPEST) {
      return Optional.of("more than %d names above one another".formatted(DEEPEST));
    }
    return names.stream().anyMatch(name -> utf8Length(name) > LONGEST_NAME)
        ? Optional.of("a name of more than %d bytes".formatted(LONGEST_NAME))
        : Optional.empty();
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * A live view of {@code path} and all below it, of a map in {@link #ORDER}: there, a zero byte,
   * which no path holds, comes right after the slash.
   */
  static NavigableMap<String, Entry> under(NavigableMap<String, Entry> entries, String path) {
    return path.equals("/") ? entries : entries.subMap(path, true, path + "\0", false);
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  static String child(String directory, String name) {
    return directory.length() == 1 ? "/" + name : directory + "/" + name;
  }
}
