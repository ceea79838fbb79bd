package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an intruder would find in a tree: counts.
 *
 * @param files regular files, by name
 * @param executables programs with an execute bit: ELF files and scripts
 * @param sharedLibraries ELF files made to be loaded into a program
 * @param setuid files that run as their owner or group
 * @param shells different programs behind the names of shells
 */
public record Surface(int files, int executables, int sharedLibraries, int setuid, int shells) {
  private static final Set<String> SHELLS =
      Set.of(
          "sh",
          "ash",
          "bash",
          "csh",
          "dash",
          "fish",
          "ksh",
          "ksh93",
          "lksh",
          "mksh",
          "pwsh",
          "rbash",
          "static-sh",
          "tcsh",
          "zsh",
          "busybox");
  private static final Pattern LIBRARY_NAME = Pattern.compile(".*\\.so(\\.[0-9.]+)?");

  private enum Kind {
    PROGRAM,
    LIBRARY,
    OTHER
  }

  public static Surface of(FileTree tree) throws IOException {
    int files = 0;
    int executables = 0;
    int libraries = 0;
    int setuid = 0;
    Set<Content> shells = new HashSet<>();
    for (var named : tree.entries().entrySet()) {
      String path = named.getKey();
      if (SHELLS.contains(path.substring(path.lastIndexOf('/') + 1))) {
        shell(tree, path).ifPresent(shells::add);
      }
      if (named.getValue() instanceof Entry.File file) {
        files++;
        setuid += file.changesUser() ? 1 : 0;
        switch (kind(path, file)) {
          case PROGRAM -> executables++;
          case LIBRARY -> libraries++;
          case OTHER -> {}
        }
      }
    }
    return new Surface(files, executables, libraries, setuid, shells.size());
  }

  private static Optional<Content> shell(FileTree tree, String path) {
    return tree.resolve(path)
        .map(FileTree.Resolved::entry)
        .filter(entry -> entry instanceof Entry.File file && file.executable())
        .map(entry -> ((Entry.File) entry).content());
  }

  private static Kind kind(String path, Entry.File file) throws IOException {
    if (ElfFile.startsAsElf(file.content())) {
      return elfKind(path, file);
    }
    return file.executable() && startsAsScript(file.content()) ? Kind.PROGRAM : Kind.OTHER;
  }

  private static Kind elfKind(String path, Entry.File file) throws IOException {
    try {
      ElfFile elf = ElfFile.read(file.content()).orElseThrow();
      boolean shared = elf.type() == ElfFile.TYPE_SHARED;
      if (shared && (elf.soname() != null || LIBRARY_NAME.matcher(path).matches())) {
        return Kind.LIBRARY;
      }
      boolean program = shared || elf.type() == ElfFile.TYPE_EXECUTABLE;
      return program && file.executable() ? Kind.PROGRAM : Kind.OTHER;
    } catch (ElfFile.Malformed broken) {
      return Kind.OTHER;
    }
  }

  private static boolean startsAsScript(Content content) throws IOException {
    byte[] start = new byte[2];
    return content.read(ByteBuffer.wrap(start), 0) == 2 && start[0] == '#' && start[1] == '!';
  }
}
