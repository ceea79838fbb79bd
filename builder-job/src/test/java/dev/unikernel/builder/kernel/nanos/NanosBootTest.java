package dev.unikernel.builder.kernel.nanos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unikernel.builder.StandardFilesOf;
import dev.unikernel.builder.kernel.DhcpServer;
import dev.unikernel.builder.kernel.ExpectingProgram;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.NameServer;
import dev.unikernel.builder.kernel.ResolverFile;
import dev.unikernel.builder.plan.BuildPlan.Dns;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The builder's disks, really booted; by hand: {@code NANOS_RELEASE=<directory> make test}. */
class NanosBootTest {
  /** Longer than any boot takes: a guest that hangs must not hang the build. */
  private static final long GIVE_UP_SECONDS = 120;

  @TempDir Path scratch;
  private Path release;

  @BeforeEach
  void findMachineAndRelease() {
    String directory = System.getenv("NANOS_RELEASE");
    assumeTrue(
        directory != null,
        "needs a Nanos release: set NANOS_RELEASE to a directory with boot.img and kernel.img");
    release = Path.of(directory);
    assumeTrue(Files.exists(release.resolve("kernel.img")), directory + " holds no kernel.img");
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "qemu-system-x86_64"))),
        "needs qemu-system-x86_64 (Debian: qemu-system-x86)");
  }

  @Test
  void runsTheProgramInItsDirectoryAndReportsItsStatus() throws Exception {
    Path disk = write(tree().build(), "words/greeting");
    assertThat(boot(disk)).contains("hello from the root file system");
    assertThat(crashLog(disk))
        .hasValueSatisfying(
            log -> {
              assertThat(log.status()).isEqualTo(TinyProgram.EXIT_STATUS);
              assertThat(log.console()).contains("hello from the root file system");
            });
  }

  @Test
  void readsWhatTheKernelWroteIntoItsFileSystem() throws Exception {
    Path disk = write(tree().build(), "words/greeting");
    boot(disk);
    try (FileChannel channel = FileChannel.open(disk)) {
      assertThat(FileTrees.essence(BootDisk.read(channel).root().files()))
          .containsAllEntriesOf(FileTrees.essence(tree().build()))
          .containsEntry("/proc/self/exe", "link to /bin/tiny");
    }
  }

  @Test
  void loadsKlibs() throws Exception {
    assumeTrue(Files.exists(release.resolve("klibs/tls")), release + " holds no klibs");
    assertThat(boot(write(tree().build(), "words/greeting", "tls", "tmpfs")))
        .contains("hello from the root file system");
  }

  /** Names on which the kernel would panic, as container images bring them. */
  @Test
  void bootsATreeThatTakesTheKernelsNames() throws Exception {
    FileTreeBuilder tree = tree();
    Entry file = new Entry.File(0644, Content.of("in the way"));
    tree.put("/dev/null", file);
    tree.put("/dev/urandom", file);
    tree.put("/proc", new Entry.Symlink("data"));
    tree.put("/sys/devices/system/cpu/online", file);
    tree.put("/etc/hostname", new Entry.Directory(0755));
    assertThat(boot(write(tree.build(), "words/greeting")))
        .contains("hello from the root file system");
  }

  /** Nanos takes an address from DHCP and nothing else: the names are in the disk. */
  @Test
  void aProgramFindsWhatItExpects() throws Exception {
    Dns dns =
        new Dns(
            List.of("10.0.2.53"),
            List.of("prod.svc.cluster.local", "svc.cluster.local", "cluster.local"));
    Path disk =
        new NanosKernel(release(), Optional.of(ResolverFile.of(dns)))
            .build(
                StandardFilesOf.completed(ExpectingProgram.compile(scratch)),
                ExpectingProgram.PROGRAM,
                scratch)
            .files()
            .getFirst()
            .content();
    NameServer names = new NameServer("10.0.2.53", ExpectingProgram.NAMES);
    DhcpServer.Terms terms = new DhcpServer.Terms("10.0.2.15", "10.0.2.2", "10.0.2.99", 0, 86400);
    try (DhcpServer server = new DhcpServer(terms, names)) {
      assertThat(
              boot(disk, "-netdev", server.network("net"), "-device", "virtio-net-pci,netdev=net")
                  .lines())
          .containsAll(ExpectingProgram.FOUND)
          .contains("localhost: 127.0.0.1", "unikernel: 127.0.0.1", "me: root", "group: root");
      assertThat(server.failure()).isNull();
    }
  }

  /** Metadata of several log extensions, with the wanted file at the very end. */
  @Test
  void findsOneFileAmongTenThousand() throws Exception {
    FileTreeBuilder tree = tree();
    for (int i = 0; i < 10_000; i++) {
      String name = "/data/many/file-with-a-rather-long-name-%06d".formatted(i);
      tree.put(name, new Entry.File(0644, Content.of("this is " + name)));
    }
    assertThat(boot(write(tree.build(), "many/file-with-a-rather-long-name-009999")))
        .contains("this is /data/many/file-with-a-rather-long-name-009999");
  }

  private static FileTreeBuilder tree() {
    FileTreeBuilder tree = FileTree.builder();
    Entry.File greeting = new Entry.File(0644, Content.of("hello from the root file system\n"));
    tree.put("/bin/tiny", new Entry.File(0755, Content.of(TinyProgram.elf())));
    tree.put("/data/hard", greeting);
    tree.put("/data/greeting", greeting);
    tree.put("/data/words", new Entry.Symlink("../data"));
    return tree;
  }

  private NanosRelease release(String... klibs) {
    TreeMap<String, Path> klibFiles = new TreeMap<>();
    for (String klib : klibs) {
      klibFiles.put(klib, release.resolve("klibs").resolve(klib));
    }
    return new NanosRelease(
        release.resolve("boot.img"), release.resolve("kernel.img"), "unchecked", klibFiles);
  }

  private Path write(FileTree tree, String argument, String... klibs) throws IOException {
    Path disk = scratch.resolve("disk.img");
    BootDisk.write(
        disk,
        tree,
        new GuestProgram("/bin/tiny", List.of("tiny", argument), Map.of("A", "1"), "/data"),
        release(klibs));
    return disk;
  }

  /** Runs the disk until the guest powers off, and answers its console. */
  private String boot(Path disk) throws Exception {
    return boot(disk, "-nic", "none");
  }

  private String boot(Path disk, String... network) throws Exception {
    Path console = Files.writeString(scratch.resolve("console"), "");
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-accel",
                "tcg",
                "-cpu",
                "max",
                "-M",
                "q35",
                "-m",
                "128M",
                "-display",
                "none",
                "-no-reboot",
                "-serial",
                "file:" + console,
                "-drive",
                "file=" + disk + ",format=raw,if=virtio"));
    command.addAll(List.of(network));
    Process machine = new ProcessBuilder(command).inheritIO().start();
    try {
      assertThat(machine.waitFor(GIVE_UP_SECONDS, TimeUnit.SECONDS))
          .as("the guest powers off; its console: %s", Files.readString(console))
          .isTrue();
    } finally {
      machine.destroyForcibly().waitFor();
    }
    return Files.readString(console);
  }

  private static Optional<CrashLog> crashLog(Path disk) throws IOException {
    try (FileChannel channel = FileChannel.open(disk)) {
      return CrashLog.read(channel);
    }
  }
}
