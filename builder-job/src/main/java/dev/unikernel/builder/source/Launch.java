package dev.unikernel.builder.source;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.ElfFile;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the program starts: what the user says laid over what the image says, as a pod's {@code
 * command} and {@code args} are laid over an image's entry point and command.
 *
 * <ul>
 *   <li>neither program nor args: entry point, then command
 *   <li>args: entry point, then args
 *   <li>program: the program alone; the image's command is dropped with its entry point
 *   <li>both: program, then args
 * </ul>
 *
 * @param program absolute path as it is found, which may lead through links
 * @param arguments with the program's own name first
 * @param workingDirectory absolute
 */
public record Launch(
    String program,
    List<String> arguments,
    SortedMap<String, String> environment,
    String workingDirectory) {

  /** What runc searches where an image sets no PATH. */
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final Set<String> STARTERS =
      Set.of(
          "sh",
          "ash",
          "bash",
          "dash",
          "zsh",
          "ksh",
          "busybox",
          "env",
          "tini",
          "tini-static",
          "dumb-init",
          "catatonit",
          "gosu",
          "su-exec",
          "su",
          "sudo",
          "nice",
          "exec");

  /** The user's part; null and empty where they say nothing. */
  public record Wish(
      String program, List<String> args, Map<String, String> environment, String workingDir) {}

  /**
   * Finds the program.
   *
   * @param tree the source with the user's files laid over it
   */
  public static Launch of(ImageConfig image, Wish wish, FileTree tree) throws IOException {
    SortedMap<String, String> environment = new TreeMap<>(image.environment());
    environment.putAll(wish.environment());
    String directory = workingDirectory(image, wish);
    List<String> arguments = arguments(image, wish);
    if (arguments.isEmpty() || arguments.getFirst().isEmpty()) {
      throw new BuildFailure(
          Code.ProgramMissing,
          "the source image names no program: it has neither Entrypoint nor Cmd",
          "set spec.program to the absolute path of the program");
    }
    Search search = new Search(tree, directory, environment.getOrDefault("PATH", DEFAULT_PATH));
    String program = search.find(arguments.getFirst());
    requireProgram(program, arguments, wish.program() != null, search);
    return new Launch(program, arguments, environment, directory);
  }

  private static String workingDirectory(ImageConfig image, Wish wish) {
    String directory = wish.workingDir() != null ? wish.workingDir() : image.workingDirectory();
    return directory.startsWith("/") ? directory : "/" + directory;
  }

  private static List<String> arguments(ImageConfig image, Wish wish) {
    List<String> arguments = new ArrayList<>();
    if (wish.program() != null) {
      arguments.add(wish.program());
    } else {
      arguments.addAll(image.entrypoint());
    }
    if (wish.args() != null) {
      arguments.addAll(wish.args());
    } else if (wish.program() == null) {
      arguments.addAll(image.command());
    }
    return List.copyOf(arguments);
  }

  private static void requireProgram(
      String program, List<String> arguments, boolean chosen, Search search) throws IOException {
    Entry.File file = search.file(program).orElseThrow();
    if (!file.executable()) {
      throw new BuildFailure(
          Code.ProgramNotExecutable,
          "%s has mode 0%s, which lets nobody execute it"
              .formatted(program, Integer.toOctalString(file.mode())),
          "make it executable in the source image, or give the file of spec.files mode \"0755\"");
    }
    String name = program.substring(program.lastIndexOf('/') + 1);
    if (!ElfFile.startsAsElf(file.content())) {
      throw new BuildFailure(
          Code.ProgramNotExecutable, notElf(program, file), instead(arguments, search));
    }
    if (!chosen && STARTERS.contains(name)) {
      throw new BuildFailure(
          Code.ProgramNotExecutable,
          "%s only starts another program, and a unikernel runs one program alone"
              .formatted(program),
          instead(arguments, search));
    }
  }

  private static String notElf(String program, Entry.File file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(128);
    int count = Math.max(file.content().read(start, 0), 0);
    String line =
        new String(start.array(), 0, count, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    return line.startsWith("#!")
        ? "%s is a script for %s; a unikernel runs one ELF program"
            .formatted(program, line.substring(2).trim())
        : program + " is no ELF program";
  }

  /** Names the program that the arguments seem to lead to. */
  private static String instead(List<String> arguments, Search search) throws IOException {
    String advice = "set spec.program to the ELF program that it starts in the end";
    for (String argument : arguments.subList(1, arguments.size())) {
      Optional<String> found = search.lookUp(argument);
      if (found.isPresent()
          && ElfFile.startsAsElf(search.file(found.get()).orElseThrow().content())) {
        return advice + ", it seems " + found.get() + ", and spec.args to its arguments";
      }
    }
    return advice + ", and spec.args to its arguments";
  }

  /** Finds programs as execvp(3) does. */
  private record Search(FileTree tree, String directory, String path) {

    String find(String name) {
      return lookUp(name)
          .orElseThrow(
              () ->
                  new BuildFailure(
                      Code.ProgramMissing,
                      name.contains("/")
                          ? "the program %s is not in the source".formatted(name)
                          : "the program %s is in no directory of PATH (%s) in the source"
                              .formatted(name, path),
                      "set spec.program to the absolute path of an ELF program in the source"
                          + " image, or lay it over with spec.files"));
    }

    Optional<String> lookUp(String name) {
      if (name.contains("/")) {
        return Optional.of(absolute(name)).filter(found -> file(found).isPresent());
      }
      for (String place : path.split(":", -1)) {
        String candidate = absolute(place.isEmpty() ? name : place + "/" + name);
        if (file(candidate).filter(Entry.File::executable).isPresent()) {
          return Optional.of(candidate);
        }
      }
      return Optional.empty();
    }

    Optional<Entry.File> file(String path) {
      return tree.resolve(path)
          .map(FileTree.Resolved::entry)
          .filter(Entry.File.class::isInstance)
          .map(Entry.File.class::cast);
    }

    private String absolute(String name) {
      if (name.startsWith("/")) {
        return name;
      }
      return (directory.endsWith("/") ? directory : directory + "/") + name;
    }
  }
}
