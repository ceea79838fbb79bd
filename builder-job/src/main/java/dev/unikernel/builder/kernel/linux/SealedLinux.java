package dev.unikernel.builder.kernel.linux;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.Kernel;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.KernelImage.ImageFile;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the two files that KubeVirt's {@code kernelBoot} starts: a Linux kernel, and an initial
 * file system with the program's files and a PID 1 that runs the program once and seals the
 * machine.
 *
 * <p>In the guest every file belongs to root and is readable by the program, which runs as {@value
 * #USER}; it can write to {@code /tmp} and where the image lets everyone write.
 */
public final class SealedLinux implements Kernel {
  /** Uid and gid of the program: nobody. */
  static final int USER = 65534;

  private static final long PAGE = 4096;
  private static final String KERNEL = "/boot/vmlinuz";
  private static final String INITRD = "/boot/initrd";
  private static final String INIT = "/init";

  /** Directories that PID 1 fills at boot. */
  private static final List<String> MADE_AT_BOOT = List.of("/dev", "/proc", "/.unikernel");

  /** The program gets none, not even an empty one. */
  private static final String NEVER_MADE = "/sys";

  /** A second archive behind the first: PID 1 knows by it that all before it found room. */
  private static final FileTree END =
      FileTree.builder().put("/.unikernel/complete", new Entry.File(0600, Content.of(""))).build();

  private final LinuxRelease release;
  private final Optional<Content> resolver;

  /**
   * @param resolver the lines of {@code /etc/resolv.conf} that DHCP and the guest's files leave
   *     open
   */
  public SealedLinux(LinuxRelease release, Optional<Content> resolver) {
    this.release = release;
    this.resolver = resolver;
  }

  /**
   * Writes {@code initrd} into the scratch directory; the kernel is published from the release.
   *
   * @param files must hold the program
   */
  @Override
  public KernelImage build(FileTree files, GuestProgram program, Path scratch) throws IOException {
    Path initrd = scratch.resolve("initrd");
    FileTree guest = guestTree(files, program);
    try (FileChannel target = FileChannel.open(initrd, CREATE, TRUNCATE_EXISTING, WRITE);
        Lz4Channel packed = new Lz4Channel(target)) {
      CpioWriter.write(guest, packed);
      CpioWriter.write(END, packed);
    }
    return new KernelImage(
        List.of(new ImageFile(KERNEL, release.kernel()), new ImageFile(INITRD, initrd)),
        release.kernelSha256(),
        Files.size(release.kernel()) + Files.size(initrd),
        unpackedBytes(guest));
  }

  /** Memory holds whole pages, and a file with several names once. */
  private static long unpackedBytes(FileTree guest) {
    return guest.entries().values().stream()
        .filter(Entry.File.class::isInstance)
        .map(entry -> ((Entry.File) entry).content())
        .distinct()
        .mapToLong(content -> Math.ceilDiv(content.size(), PAGE) * PAGE)
        .sum();
  }

  private FileTree guestTree(FileTree files, GuestProgram program) throws IOException {
    files.entries().forEach(SealedLinux::requireOutOfTheWay);
    FileTreeBuilder guest = FileTree.builder();
    files.entries().forEach((path, entry) -> guest.put(path, readable(entry)));
    guest.remove(NEVER_MADE);
    for (String directory : MADE_AT_BOOT) {
      guest.remove(directory).put(directory, new Entry.Directory(0755));
    }
    guest.put(INIT, new Entry.File(0755, content(release.init())));
    guest.put("/.unikernel/program", new Entry.File(0600, ProgramFile.of(program, USER)));
    resolver.ifPresent(
        content -> guest.put("/.unikernel/resolv.conf", new Entry.File(0600, content)));
    guest.put("/.unikernel/modules", new Entry.Directory(0700));
    for (Path module : release.modules()) {
      guest.put(
          "/.unikernel/modules/" + module.getFileName(), new Entry.File(0600, content(module)));
    }
    return guest.build();
  }

  /** Images bring directories, links and empty files there; content would be missed. */
  private static void requireOutOfTheWay(String path, Entry entry) {
    boolean isFirstProgram = path.equals(INIT);
    boolean hasContent = entry instanceof Entry.File file && file.content().size() > 0;
    boolean vanishes =
        Stream.concat(MADE_AT_BOOT.stream(), Stream.of(NEVER_MADE))
            .anyMatch(directory -> path.equals(directory) || path.startsWith(directory + "/"));
    if (isFirstProgram || (vanishes && hasContent)) {
      throw new BuildFailure(
          Code.FileConflict,
          isFirstProgram
              ? path + " is in the way: it is the name of the linux kernel's first program"
              : path
                  + " would vanish: the linux kernel's first program sets up that directory itself",
          "give it another path if spec.files names it; leave it out with contents: Minimal if the"
              + " source image brings it; or use kernel nanos");
    }
  }

  /** PID 1 and the modules are below 1 MiB. */
  private static Content content(Path file) throws IOException {
    return Content.of(Files.readAllBytes(file));
  }

  /** What root could read in the image, the program can; no program can become another user. */
  private static Entry readable(Entry entry) {
    return switch (entry) {
      case Entry.Directory(int mode) -> new Entry.Directory((mode & 01777) | 0555);
      case Entry.File file ->
          new Entry.File((file.mode() & 0777) | (file.executable() ? 0555 : 0444), file.content());
      case Entry.Symlink link -> link;
    };
  }
}
