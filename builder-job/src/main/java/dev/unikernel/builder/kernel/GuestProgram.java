package dev.unikernel.builder.kernel;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The one process of a unikernel. A string with a zero byte in it is refused, as {@code
 * KernelLimit}.
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
    requireNoZero("the program's path", path);
    requireNoZero("the working directory", workingDirectory);
    arguments.forEach(argument -> requireNoZero("an argument", argument));
    environment.forEach(
        (name, value) -> requireNoZero("an environment variable", name + "=" + value));
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

  /** Every kernel hands strings to its program that end with a zero byte. */
  private static void requireNoZero(String what, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new BuildFailure(
          Code.KernelLimit,
          "%s holds a zero byte: %s".formatted(what, value.replace('\0', '?')),
          "write it without zero bytes");
    }
  }

  private static void requireAbsolute(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
  }
}
