package dev.unikernel.builder;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The names of users and groups, as passwd(5) and group(5) list them: what the source image says,
 * completed by those that every guest needs, and never with a password.
 *
 * @param path of the file
 * @param needed an entry for root and for nobody, one of which the program runs as
 */
record Accounts(String path, List<String> needed) {
  static final Accounts USERS =
      new Accounts(
          "/etc/passwd",
          List.of(
              "root:x:0:0:root:/root:/sbin/nologin",
              "nobody:x:65534:65534:nobody:/tmp:/sbin/nologin"));
  static final Accounts GROUPS =
      new Accounts("/etc/group", List.of("root:x:0:", "nogroup:x:65534:", "nobody:x:65534:"));

  private static final int NAME = 0;
  private static final int PASSWORD = 1;
  private static final int ID = 2;

  /** What stands for a password that is elsewhere, or for none that fits. */
  private static final Set<String> NO_PASSWORD = Set.of("", "x", "*", "!", "!!");

  /**
   * The file's text. The source's names and ids win: an id whose usual name is taken by another
   * becomes {@code id65534} or the like.
   *
   * @param source the text in the source image; empty where it has none
   */
  String complete(String source) {
    List<String[]> entries = new ArrayList<>();
    source
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> entries.add(withoutPassword(line)));
    for (String line : needed) {
      String[] entry = fields(line);
      boolean nameIsTaken = has(entries, NAME, entry[NAME]);
      if (!nameIsTaken) {
        entries.add(entry);
      } else if (!has(entries, ID, entry[ID])) {
        entry[NAME] = "id" + entry[ID];
        entries.add(entry);
      }
    }
    StringBuilder text = new StringBuilder();
    entries.forEach(entry -> text.append(String.join(":", entry)).append('\n'));
    return text.toString();
  }

  private static String[] withoutPassword(String line) {
    String[] entry = fields(line);
    if (entry.length > PASSWORD && !NO_PASSWORD.contains(entry[PASSWORD])) {
      entry[PASSWORD] = "x";
    }
    return entry;
  }

  private static boolean has(List<String[]> entries, int field, String value) {
    return entries.stream().anyMatch(entry -> entry.length > field && entry[field].equals(value));
  }

  private static String[] fields(String line) {
    return line.split(":", -1);
  }
}
