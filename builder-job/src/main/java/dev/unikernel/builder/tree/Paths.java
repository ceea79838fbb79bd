package dev.unikernel.builder.tree;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;

/** The grammar of a tree's paths: absolute, {@code /} between names, no empty name, no dots. */
final class Paths {
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

  /** A live view of {@code path} and all below it, of a map in {@link #ORDER}. */
  static NavigableMap<String, Entry> under(NavigableMap<String, Entry> entries, String path) {
    return path.equals("/")
        ? entries
        : entries.subMap(path, true, path + "/" + Character.MAX_VALUE, false);
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  static String child(String directory, String name) {
    return directory.length() == 1 ? "/" + name : directory + "/" + name;
  }
}
