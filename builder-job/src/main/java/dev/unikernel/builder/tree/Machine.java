package dev.unikernel.builder.tree;

import java.util.List;

/** A CPU architecture: its name here (as in GOARCH), in ELF files and in file names. */
public enum Machine {
  AMD64("amd64", 62, "x86_64"),
  ARM64("arm64", 183, "aarch64");

  private final String architecture;
  private final int elf;
  private final String platform;

  Machine(String architecture, int elf, String platform) {
    this.architecture = architecture;
    this.elf = elf;
    this.platform = platform;
  }

  /** The machine of an architecture as in GOARCH. */
  public static Machine of(String architecture) {
    for (Machine machine : values()) {
      if (machine.architecture.equals(architecture)) {
        return machine;
      }
    }
    throw new IllegalArgumentException("unknown architecture " + architecture);
  }

  public String architecture() {
    return architecture;
  }

  /** Whether this machine runs the file. */
  public boolean runs(ElfFile file) {
    return file.machine() == elf && file.bits() == 64;
  }

  /** The loader's {@code $PLATFORM}. */
  String platform() {
    return platform;
  }

  /** Directories that glibc's loader searches last, on Debian and elsewhere. */
  List<String> glibcDirectories() {
    String triplet = platform + "-linux-gnu";
    return List.of(
        "/lib/" + triplet, "/usr/lib/" + triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib");
  }

  /** Values that the loader's {@code $LIB} may have. */
  List<String> libNames() {
    return List.of("lib/" + platform + "-linux-gnu", "lib64", "lib");
  }

  /** The name of an ELF file's machine, for messages. */
  public static String nameOf(ElfFile file) {
    return switch (file.machine()) {
      case 62 -> file.bits() == 64 ? "amd64" : "x32";
      case 183 -> "arm64";
      case 3 -> "386";
      case 40 -> "arm";
      case 243 -> "riscv64";
      case 21 -> "ppc64";
      case 22 -> "s390x";
      default -> "machine " + file.machine();
    };
  }
}
