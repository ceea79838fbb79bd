package dev.unikernel.builder.kernel;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The one process of a unikernel.
 *
 * @param path absolute path of the ELF executable in the guest's file tree
 * @param arguments what the program sees as {@code argv}, its own name first
 * @param environment sorted by name, so that the same program always makes the same image
 * @param workingDirectory absolute path
 */
public record GuestProgram(
    String path,
    List<String> arguments,
    SortedMap<String, String> environment,
    String workingDirectory) {

  public GuestProgram {
    requireAbsolute(path);
    requireAbsolute(workingDirectory);
    arguments = List.copyOf(arguments);
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
  }

  public GuestProgram(
      String path,
      List<String> arguments,
      Map<String, String> environment,
      String workingDirectory) {
    this(path, arguments, new TreeMap<>(environment), workingDirectory);
  }

  private static void requireAbsolute(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
  }
}
