package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.unikernel.builder.kernel.KernelImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A machine that QEMU plays without hardware help, as KubeVirt would start it by kernelBoot. */
final class Guest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int PIPE_CAPACITY = 1 << 16;
  private static final String END_OF_CONSOLE = "\0";

  private final Process qemu;
  private final Path monitor;
  private final int hostPort;
  private final BlockingQueue<String> arriving = new LinkedBlockingQueue<>();
  private final List<String> console = new ArrayList<>();
  private final Semaphore reading = new Semaphore(1);

  private Guest(Process qemu, Path monitor, int hostPort) {
    this.qemu = qemu;
    this.monitor = monitor;
    this.hostPort = hostPort;
    Thread.ofVirtual().start(this::readConsole);
  }

  /** Boots; the guest's port 80 can be reached at {@link #hostPort()}. */
  static Guest boot(KernelImage image, Path scratch, int mebibytes) throws IOException {
    int port = freePort();
    return boot(
        image, scratch, mebibytes, "user,id=net,hostfwd=tcp:127.0.0.1:" + port + "-:80", port);
  }

  /** Boots on the network of this DHCP server, where nobody else is. */
  static Guest boot(KernelImage image, Path scratch, int mebibytes, DhcpServer server)
      throws IOException {
    return boot(image, scratch, mebibytes, server.network("net"), 0);
  }

  private static Guest boot(
      KernelImage image, Path scratch, int mebibytes, String network, int port) throws IOException {
    Path monitor = scratch.resolve("qmp");
    List<String> command =
        List.of(
            "qemu-system-x86_64",
            "-machine",
            "q35",
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            String.valueOf(mebibytes),
            "-nodefaults",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-no-reboot",
            "-kernel",
            image.files().get(0).content().toString(),
            "-initrd",
            image.files().get(1).content().toString(),
            "-append",
            "console=ttyS0 quiet panic=-1 rootfstype=ramfs",
            "-qmp",
            "unix:" + monitor + ",server=on,wait=off",
            "-netdev",
            network,
            "-device",
            "virtio-net-pci,netdev=net,romfile=");
    return new Guest(new ProcessBuilder(command).redirectErrorStream(true).start(), monitor, port);
  }

  int hostPort() {
    return hostPort;
  }

  /** All lines of the console up to and with the one that has this text. */
  List<String> consoleUntil(String text) throws InterruptedException {
    while (true) {
      String line = arriving.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (line == null || line.equals(END_OF_CONSOLE)) {
        return fail("the console never said `%s`, but:%n%s", text, String.join("\n", console));
      }
      console.add(line);
      if (line.contains(text)) {
        return List.copyOf(console);
      }
    }
  }

  /** Types at the console. */
  void type(String keys) throws IOException {
    qemu.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
    qemu.getOutputStream().flush();
  }

  /** Reads the console no more, and waits until the machine cannot get rid of another byte. */
  void leaveConsoleUnread() throws Exception {
    reading.acquire();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (qemu.getInputStream().available() < PIPE_CAPACITY) {
      assertThat(System.nanoTime()).as("the console fills up").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** Presses the power button. */
  void pressPowerButton() throws IOException {
    try (SocketChannel qmp = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      qmp.connect(UnixDomainSocketAddress.of(monitor));
      for (String command : List.of("qmp_capabilities", "system_powerdown")) {
        qmp.write(StandardCharsets.US_ASCII.encode("{\"execute\":\"" + command + "\"}\n"));
        String answer = "";
        while (!answer.contains("\"return\"")) {
          ByteBuffer bytes = ByteBuffer.allocate(4096);
          assertThat(qmp.read(bytes)).as("QEMU's monitor hung up").isPositive();
          answer += StandardCharsets.US_ASCII.decode(bytes.flip());
        }
      }
    }
  }

  /** Waits until the machine is off. */
  void awaitPowerOff() throws InterruptedException {
    assertThat(qemu.waitFor(PATIENCE)).as("the machine is off").isTrue();
    assertThat(qemu.exitValue()).isZero();
  }

  @Override
  public void close() {
    qemu.destroyForcibly();
  }

  private void readConsole() {
    try (BufferedReader reader = qemu.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        arriving.add(line.stripTrailing());
        reading.acquire();
        reading.release();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      arriving.add(END_OF_CONSOLE);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
