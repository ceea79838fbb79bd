package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unikernel.builder.StandardFilesOf;
import dev.unikernel.builder.kernel.DhcpServer;
import dev.unikernel.builder.kernel.ExpectingProgram;
import dev.unikernel.builder.kernel.GuestProgram;
import dev.unikernel.builder.kernel.KernelImage;
import dev.unikernel.builder.kernel.NameServer;
import dev.unikernel.builder.kernel.ResolverFile;
import dev.unikernel.builder.plan.BuildPlan.Dns;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sealed guest, really booted, with a program that tries every way out. */
class SealedLinuxBootTest {
  private static final int MEBIBYTES = 128;

  /** Control-S, at which a terminal stops printing. */
  private static final String STOP_OUTPUT = "\u0013";

  private static final String SEARCH = "prod.svc.cluster.local svc.cluster.local cluster.local";

  @TempDir static Path scratch;
  private static LinuxRelease release;
  private static Content probe;

  @BeforeAll
  static void compileProbe() throws Exception {
    assumeTrue(onPath("qemu-system-x86_64"), "needs qemu-system-x86_64 (Debian: qemu-system-x86)");
    assumeTrue(onPath("cc"), "needs a C compiler (Debian: gcc libc6-dev)");
    release = LinuxRelease.in(releaseDirectory());

    Path binary = scratch.resolve("probe");
    run(
        "cc",
        "-std=c17",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-static",
        "-s",
        "-pthread",
        "-o",
        binary.toString(),
        "src/test/c/probe.c");
    probe = Content.of(Files.readAllBytes(binary));
  }

  @Test
  void oneProcessThatCannotBecomeTwoServesUntilThePowerButton() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", "first argument"), scratch, MEBIBYTES)) {
      List<String> console = guest.consoleUntil("serving");

      assertThat(console)
          .contains("argv: probe first argument", "env: hello", "cwd: /srv", "thread: allowed")
          .contains("bind to port 80: allowed");
      assertThat(answers(console, "ENOSYS"))
          .contains("fork", "vfork", "clone", "clone3")
          .contains("execve", "execveat", "execveat of a descriptor", "posix_spawn", "system")
          .contains("execve of x32", "getpid of x32")
          .contains("ptrace", "process_vm_readv", "mount", "umount2", "pivot_root", "unshare")
          .contains("setns", "init_module", "finit_module", "kexec_load", "bpf", "reboot")
          .contains("io_uring_setup", "userfaultfd", "perf_event_open", "keyctl");
      assertThat(answers(console, "EPERM")).containsExactly("setuid", "kill of PID 1");
      assertThat(answers(console, "EACCES"))
          .containsExactly("a new file in /", "/proc/sysrq-trigger", "/proc/sys");
      assertThat(answers(console, "ENOENT"))
          .containsExactly(
              "a file of the kernel's helper",
              "/init",
              "/.unikernel",
              "/dev/mem",
              "/dev/console",
              "/dev/ttyS0",
              "/dev/tty",
              "/proc/1");
      assertThat(answers(console, "allowed"))
          .contains("a new file in /tmp", "a file of mode 0600", "/dev/stdout");
      assertThat(status(console))
          .containsEntry("Uid", "65534\t65534\t65534\t65534")
          .containsEntry("CapPrm", "0000000000000000")
          .containsEntry("CapBnd", "0000000000000000")
          .containsEntry("NoNewPrivs", "1")
          .containsEntry("Seccomp", "2");
      assertThat(console)
          .contains("/proc/self/comm: probe", "/etc/resolv.conf: nameserver 10.0.2.3")
          .contains("/etc/hosts: 10.0.2.15 unikernel");

      assertThat(ask(guest.hostPort())).isEqualTo("still one process\n");

      guest.type(STOP_OUTPUT);
      guest.pressPowerButton();
      assertThat(guest.consoleUntil("unikernel: program exited with code 7"))
          .contains("got SIGTERM");
      guest.awaitPowerOff();
    }
  }

  @Test
  void aCallOfAnotherArchitectureEndsTheProgram() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", "int80"), scratch, MEBIBYTES)) {
      assertThat(guest.consoleUntil("program ended by signal 31 (Bad system call)"))
          .noneMatch(line -> line.startsWith("int80:"));
      guest.awaitPowerOff();
    }
  }

  @Test
  void aProgramCannotStopTheConsoleAndWithItTheMachine() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", "stopconsole"), scratch, MEBIBYTES)) {
      assertThat(guest.consoleUntil("unikernel: program exited with code 3"))
          .contains("controlling terminal: ENOTTY", "tcflow: ENOTTY");
      guest.awaitPowerOff();
    }
  }

  @Test
  void thePowerButtonWorksWhereNobodyReadsTheConsole() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", "flood"), scratch, MEBIBYTES)) {
      guest.consoleUntil("flooding");
      guest.leaveConsoleUnread();
      guest.pressPowerButton();
      guest.awaitPowerOff();
    }
  }

  /** Linux spins for ever in its network driver when it shuts down with the device still up. */
  @Test
  void aMachineThatIsSpokenToPowersOff() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", ""), scratch, MEBIBYTES)) {
      guest.consoleUntil("serving");
      guest.askWithoutEnd();
      guest.pressPowerButton();
      assertThat(guest.consoleUntil("unikernel: program exited with code 7"))
          .noneMatch(line -> line.contains("cannot stop"));
      guest.awaitPowerOff();
    }
  }

  /** More than one DHCP option holds: the domain that counts lies behind the first 255 bytes. */
  @Test
  void aProgramFindsWhatItExpectsWithTheNamesOfItsDhcpServer() throws Exception {
    String search = "a.%1$s b.%1$s c.%1$s d.%1$s ".formatted("x".repeat(60) + ".example") + SEARCH;
    DhcpServer.Terms terms =
        new DhcpServer.Terms("10.0.2.15", "10.0.2.2", "10.0.2.53", search, 0, -1);
    expects(terms, new Dns(List.of("10.0.2.99"), List.of("wrong.example")));
  }

  @Test
  void aProgramFindsWhatItExpectsWithTheNamesOfThePlanWhereDhcpBringsNone() throws Exception {
    DhcpServer.Terms terms = new DhcpServer.Terms("10.0.2.15", "10.0.2.2", "", 0, -1);
    expects(terms, new Dns(List.of("10.0.2.53"), List.of(SEARCH.split(" ", -1))));
  }

  private static void expects(DhcpServer.Terms terms, Dns dns) throws Exception {
    NameServer names = new NameServer("10.0.2.53", ExpectingProgram.NAMES);
    KernelImage image =
        new SealedLinux(release, Optional.of(ResolverFile.of(dns)))
            .build(
                StandardFilesOf.completed(ExpectingProgram.compile(scratch)),
                ExpectingProgram.PROGRAM,
                Files.createTempDirectory(scratch, "image"));
    try (DhcpServer server = new DhcpServer(terms, names);
        Guest guest = Guest.boot(image, scratch, MEBIBYTES, server)) {
      assertThat(guest.consoleUntil("program exited with code 0"))
          .containsAll(ExpectingProgram.FOUND)
          .contains("unikernel: 10.0.2.15", "me: nobody");
      assertThat(server.failure()).isNull();
      guest.awaitPowerOff();
    }
  }

  @Test
  void aRenewedLeaseIsAppliedAndALostOneEndsTheProgram() throws Exception {
    DhcpServer.Terms first = new DhcpServer.Terms("10.0.2.15", "10.0.2.2", "10.0.2.3", 1400, 12);
    DhcpServer.Terms renewed = new DhcpServer.Terms("10.0.2.15", "10.0.2.4", "10.0.2.5", 1300, 6);
    try (DhcpServer server =
            new DhcpServer(first, List.of(Optional.of(renewed), Optional.empty()));
        Guest guest = Guest.boot(imageOf("/bin/probe", "lease"), scratch, MEBIBYTES, server)) {
      assertThat(guest.consoleUntil("program exited with code 7"))
          .contains("MTU: 1300", "/etc/resolv.conf: nameserver 10.0.2.5")
          .doesNotContain("/etc/resolv.conf: nameserver 10.0.2.3")
          .anyMatch(line -> line.startsWith("unikernel: the address lease is lost: SIGTERM"))
          .anyMatch(line -> line.matches("/proc/net/route: eth0\t00000000\t0402000A\t.*"))
          .noneMatch(line -> line.matches("/proc/net/route: eth0\t00000000\t0202000A\t.*"));
      assertThat(server.failure()).isNull();
      guest.awaitPowerOff();
    }
  }

  @Test
  void aRenewalThatGrantsAnotherAddressIsALoss() throws Exception {
    DhcpServer.Terms first = new DhcpServer.Terms("10.0.2.15", "10.0.2.2", "10.0.2.3", 0, 6);
    DhcpServer.Terms other = new DhcpServer.Terms("10.0.2.16", "10.0.2.2", "10.0.2.3", 0, 600);
    try (DhcpServer server = new DhcpServer(first, List.of(Optional.of(other)));
        Guest guest = Guest.boot(imageOf("/bin/probe", "lease"), scratch, MEBIBYTES, server)) {
      assertThat(guest.consoleUntil("program exited with code 7"))
          .anyMatch(line -> line.contains("grants the address 10.0.2.16 in the place of"))
          .anyMatch(line -> line.startsWith("unikernel: the address lease is lost: SIGTERM"));
      guest.awaitPowerOff();
    }
  }

  @Test
  void aProgramThatDoesNotEndIsEndedHoweverMuchOfTheMachineItHolds() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/bin/probe", "stubborn"), scratch, MEBIBYTES)) {
      guest.consoleUntil("one more file: ENFILE");
      guest.pressPowerButton();
      assertThat(guest.consoleUntil("unikernel: program ended by signal 9 (Killed)"))
          .contains("unikernel: the program did not end in time");
      guest.awaitPowerOff();
    }
  }

  @Test
  void aProgramThatCannotStartSaysWhy() throws Exception {
    try (Guest guest = Guest.boot(imageOf("/etc/secret", ""), scratch, MEBIBYTES)) {
      assertThat(guest.consoleUntil("program exited with code 127"))
          .contains("unikernel: cannot start /etc/secret: Permission denied");
      guest.awaitPowerOff();
    }
  }

  private static KernelImage imageOf(String program, String argument) throws IOException {
    FileTreeBuilder files = FileTree.builder();
    files.put("/bin/probe", new Entry.File(0700, probe));
    files.put("/sbin/modprobe", new Entry.File(0755, probe));
    files.put("/etc/secret", new Entry.File(0600, Content.of("for the program only")));
    files.put("/srv", new Entry.Directory(0700));
    return new SealedLinux(release, Optional.empty())
        .build(
            files.build(),
            new GuestProgram(
                program, List.of("probe", argument), Map.of("GREETING", "hello"), "/srv"),
            Files.createTempDirectory(scratch, "image"));
  }

  private static List<String> answers(List<String> console, String answer) {
    return console.stream()
        .filter(line -> line.endsWith(": " + answer))
        .map(line -> line.substring(0, line.length() - answer.length() - 2))
        .toList();
  }

  private static Map<String, String> status(List<String> console) {
    String prefix = "/proc/self/status: ";
    return console.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).split(":\t", 2))
        .filter(parts -> parts.length == 2)
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
  }

  private static String ask(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        InputStream in = socket.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Named by LINUX_RELEASE, or made from Debian's package and the PID 1 of this checkout. */
  private static Path releaseDirectory() throws Exception {
    String named = System.getenv("LINUX_RELEASE");
    if (named != null) {
      return Path.of(named);
    }
    assumeTrue(onPath("apt-get"), "needs Debian's apt, or LINUX_RELEASE=<directory>");
    Path made = Path.of("target", "kernels", "linux").toAbsolutePath();
    run("kernels/linux/release.sh", made.toString());
    return made;
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
