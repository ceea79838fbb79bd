package dev.unikernel.builder.tree;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the shared libraries that a program will load, as the dynamic loader of its own C library
 * would (ld.so(8), musl's dynlink.c), and keeps them in a {@link Selection}.
 */
public final class Closure {
  private static final String LOADER_CACHE = "/etc/ld.so.cache";
  private static final Pattern MUSL_LOADER = Pattern.compile("/(ld-musl-[^/.]+)\\.so");
  private static final int LONGEST_LIST = 1 << 16;

  private final FileTree tree;
  private final Machine machine;
  private final Selection selection;
  private final List<String> libraryPath;
  private final List<String> configured;
  private final Consumer<String> warnings;
  private final Set<String> warned = new HashSet<>();
  private Optional<List<String>> muslDirectories = Optional.empty();
  private boolean musl;

  /**
   * A closure that keeps what it finds in {@code selection}, which is over the same tree.
   *
   * @param libraryPath LD_LIBRARY_PATH, split
   * @param warnings takes a line for each library that a file other than the program lacks
   */
  public Closure(
      FileTree tree,
      Machine machine,
      Selection selection,
      List<String> libraryPath,
      Consumer<String> warnings)
      throws IOException {
    this.tree = tree;
    this.machine = machine;
    this.selection = selection;
    this.libraryPath = libraryPath;
    this.warnings =
        line -> {
          if (warned.add(line)) {
            warnings.accept(line);
          }
        };
    this.configured = LoaderConfig.directories(tree, this.warnings);
  }

  /** One loaded file, and who asked for it. */
  private record Loaded(String path, String origin, ElfFile elf, Loaded loader) {}

  private record Need(Loaded by, String library) {}

  private interface Lack {
    void of(Need need) throws IOException;
  }

  /**
   * Keeps the program, its loader and all libraries.
   *
   * @param path as the program is started, links and all
   */
  public void keepProgram(String path) throws IOException {
    ElfFile elf = program(path);
    String real = selection.keep(path).orElseThrow().path();
    Loaded root = new Loaded(real, Paths.parent(real), elf, null);
    if (elf.interpreter() != null) {
      musl = elf.interpreter().contains("/ld-musl-");
      muslDirectories = muslDirectories(elf.interpreter());
      keepInterpreter(root);
    }
    Set<String> loaded =
        follow(
            root,
            need -> {
              throw missing(need);
            });
    if (loaded.contains("libc.so.6")) {
      keepWhatGlibcOpensLater(root);
    }
  }

  /** Keeps the libraries of a file that the program may load later; lacking ones are warned of. */
  public void keepLibrariesOf(String realPath) throws IOException {
    if (!(tree.get(realPath).orElse(null) instanceof Entry.File file)) {
      return;
    }
    Optional<ElfFile> elf = elf(file).filter(machine::runs);
    if (elf.isPresent()) {
      Loaded root = new Loaded(realPath, Paths.parent(realPath), elf.get(), null);
      follow(root, need -> warnings.accept(missing(need).getMessage()));
    }
  }

  private ElfFile program(String path) throws IOException {
    FileTree.Resolved found = tree.resolve(path).orElseThrow();
    Entry.File file = (Entry.File) found.entry();
    try {
      ElfFile elf = ElfFile.read(file.content()).orElseThrow();
      if (!machine.runs(elf)) {
        throw new BuildFailure(
            Code.WrongArchitecture,
            "%s is a program for %s, and this image is for %s"
                .formatted(path, Machine.nameOf(elf), machine.architecture()),
            "use a source image that was built for linux/" + machine.architecture());
      }
      if (elf.type() != ElfFile.TYPE_EXECUTABLE && elf.type() != ElfFile.TYPE_SHARED) {
        throw new BuildFailure(
            Code.ProgramNotExecutable,
            path + " is an ELF file that no linker finished: an object file or a core dump",
            "set spec.program to the program that was linked from it");
      }
      return elf;
    } catch (ElfFile.Malformed e) {
      throw new BuildFailure(
          Code.ProgramNotExecutable,
          "%s starts as an ELF program but is broken: %s".formatted(path, e.getMessage()),
          "build the source image again",
          e);
    }
  }

  /** What {@code /etc/ld-musl-x86_64.path} says, where it is there, for ld-musl-x86_64.so.1. */
  private Optional<List<String>> muslDirectories(String interpreter) throws IOException {
    Matcher loader = MUSL_LOADER.matcher(interpreter);
    if (!loader.find()) {
      return Optional.empty();
    }
    FileTree.Resolved list = selection.keep("/etc/%s.path".formatted(loader.group(1))).orElse(null);
    if (list == null || !(list.entry() instanceof Entry.File file) || file.size() > LONGEST_LIST) {
      return Optional.empty();
    }
    String text = new String(file.content().open().readAllBytes(), StandardCharsets.UTF_8);
    return Optional.of(
        List.of(text.split("[:\n]", -1)).stream().filter(d -> d.startsWith("/")).toList());
  }

  private void keepInterpreter(Loaded program) {
    String interpreter = program.elf().interpreter();
    if (!(selection.keep(interpreter).map(FileTree.Resolved::entry).orElse(null)
        instanceof Entry.File)) {
      throw new BuildFailure(
          Code.LibraryMissing,
          "%s, the loader of %s, is not in the source".formatted(interpreter, program.path()),
          "use a source image with the C library that the program was built for, or a static"
              + " program");
    }
  }

  /** glibc loads these by dlopen: the unwinder for pthread_exit, name services before 2.34. */
  private void keepWhatGlibcOpensLater(Loaded program) throws IOException {
    List<String> later = new ArrayList<>(List.of("libgcc_s.so.1"));
    boolean before234 =
        find(new Need(program, "libc.so.6"))
            .map(libc -> libc.path())
            .filter(path -> path.substring(path.lastIndexOf('/')).startsWith("/libc-"))
            .isPresent();
    if (before234) {
      later.addAll(List.of("libnss_files.so.2", "libnss_dns.so.2"));
    }
    for (String library : later) {
      Optional<Loaded> found = find(new Need(program, library));
      if (found.isPresent()) {
        follow(found.get(), need -> warnings.accept(missing(need).getMessage()));
      }
    }
  }

  /** Breadth first, as the loader does; a name that is loaded is not searched again. */
  private Set<String> follow(Loaded root, Lack onMissing) throws IOException {
    Set<String> names = new HashSet<>();
    Deque<Loaded> queue = new ArrayDeque<>(List.of(root));
    while (!queue.isEmpty()) {
      Loaded next = queue.remove();
      for (String library : next.elf().needed()) {
        if (!names.add(library) || isInsideMusl(library)) {
          continue;
        }
        Need need = new Need(next, library);
        Optional<Loaded> found = find(need);
        if (found.isEmpty()) {
          onMissing.of(need);
        } else {
          if (found.get().elf().soname() != null) {
            names.add(found.get().elf().soname());
          }
          queue.add(found.get());
        }
      }
    }
    return names;
  }

  /** musl's loader is its C library, under any of these names. */
  private boolean isInsideMusl(String library) {
    return musl
        && (library.matches("lib(c|pthread|rt|m|dl|util|xnet)\\.so")
            || (library.startsWith("libc.musl-") && tree.resolve("/lib/" + library).isEmpty()));
  }

  private Optional<Loaded> find(Need need) throws IOException {
    for (String candidate : candidates(need)) {
      FileTree.Resolved resolved = tree.resolve(candidate).orElse(null);
      if (resolved == null || !(resolved.entry() instanceof Entry.File file)) {
        continue;
      }
      Optional<ElfFile> elf = elf(file);
      if (elf.filter(machine::runs).isPresent()) {
        selection.keep(candidate);
        if (configured.contains(Paths.parent(candidate))) {
          selection.keep(LOADER_CACHE);
        }
        return Optional.of(
            new Loaded(resolved.path(), Paths.parent(candidate), elf.get(), need.by()));
      }
    }
    return Optional.empty();
  }

  private List<String> candidates(Need need) {
    if (need.library().contains("/")) {
      return expand(need.library(), need.by());
    }
    return directories(need.by()).stream()
        .map(directory -> Paths.child(directory, need.library()))
        .toList();
  }

  private List<String> directories(Loaded by) {
    List<String> directories = new ArrayList<>();
    if (musl) {
      directories.addAll(libraryPath);
      for (Loaded at = by; at != null; at = at.loader()) {
        directories.addAll(expandAll(at.elf().runpath(), at));
        directories.addAll(expandAll(at.elf().rpath(), at));
      }
      directories.addAll(muslDirectories.orElse(List.of("/lib", "/usr/local/lib", "/usr/lib")));
      return directories;
    }
    if (by.elf().runpath().isEmpty()) {
      for (Loaded at = by; at != null; at = at.loader()) {
        if (at.elf().runpath().isEmpty()) {
          directories.addAll(expandAll(at.elf().rpath(), at));
        }
      }
    }
    directories.addAll(libraryPath);
    directories.addAll(expandAll(by.elf().runpath(), by));
    directories.addAll(configured);
    directories.addAll(machine.glibcDirectories());
    return directories;
  }

  private List<String> expandAll(List<String> paths, Loaded of) {
    return paths.stream().flatMap(path -> expand(path, of).stream()).toList();
  }

  /** The loader's {@code $ORIGIN}, {@code $PLATFORM} and {@code $LIB}, with or without braces. */
  private List<String> expand(String path, Loaded of) {
    String known =
        path.replaceAll("\\$(ORIGIN\\b|\\{ORIGIN\\})", literal(of.origin()))
            .replaceAll("\\$(PLATFORM\\b|\\{PLATFORM\\})", literal(machine.platform()));
    List<String> all =
        known.matches(".*\\$(LIB\\b|\\{LIB\\}).*")
            ? machine.libNames().stream()
                .map(lib -> known.replaceAll("\\$(LIB\\b|\\{LIB\\})", literal(lib)))
                .toList()
            : List.of(known);
    return all.stream().filter(absolute -> absolute.startsWith("/")).toList();
  }

  private static String literal(String text) {
    return Matcher.quoteReplacement(text);
  }

  private static Optional<ElfFile> elf(Entry.File file) throws IOException {
    try {
      return ElfFile.read(file.content());
    } catch (ElfFile.Malformed broken) {
      return Optional.empty();
    }
  }

  private BuildFailure missing(Need need) throws IOException {
    for (String candidate : candidates(need)) {
      if (tree.resolve(candidate).map(FileTree.Resolved::entry).orElse(null)
              instanceof Entry.File file
          && elf(file).isPresent()) {
        return new BuildFailure(
            Code.WrongArchitecture,
            "%s is for %s, and %s needs it for %s"
                .formatted(
                    candidate,
                    Machine.nameOf(elf(file).get()),
                    need.by().path(),
                    machine.architecture()),
            "install the library for linux/%s in the source".formatted(machine.architecture()));
      }
    }
    List<String> searched =
        candidates(need).stream().map(Paths::parent).distinct().limit(12).toList();
    return new BuildFailure(
        Code.LibraryMissing,
        "%s, which %s needs, is not in the source; searched %s"
            .formatted(need.library(), need.by().path(), String.join(", ", searched)),
        "install it in the source image, or lay it over with spec.files");
  }
}
