package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.unikernel.builder.kernel.DhcpServer;
import dev.unikernel.builder.kernel.KernelImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
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
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A machine that QEMU plays without hardware help, as KubeVirt would start it by kernelBoot. */
final class Guest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int PIPE_CAPACITY = 1 << 16;

  /**
   * The operator's, and one that KVM gives Linux itself: not to check at boot whether the timer
   * ticks, which on a busy host it may not do in time.
   */
  private static final String KERNEL_ARGS =
      "console=ttyS0 quiet panic=-1 rootfstype=ramfs no_timer_check";

  private static final String END_OF_CONSOLE = "\0";

  /** An Ethernet frame for all: 10.0.2.77 asks by ARP who has 10.0.2.15, which is the guest. */
  private static final byte[] QUESTION =
      HexFormat.of()
          .parseHex(
              "ffffffffffff525400999999"
                  + "0806"
                  + "0001080006040001"
                  + "525400999999"
                  + "0a00024d"
                  + "000000000000"
                  + "0a00020f"
                  + "00".repeat(18));

  private final Process qemu;
  private final Path monitor;
  private final int hostPort;
  private final int wirePort;
  private final BlockingQueue<String> arriving = new LinkedBlockingQueue<>();
  private final List<String> console = new ArrayList<>();
  private final Semaphore reading = new Semaphore(1);

  private Guest(Process qemu, Path monitor, int hostPort, int wirePort) {
    this.qemu = qemu;
    this.monitor = monitor;
    this.hostPort = hostPort;
    this.wirePort = wirePort;
    Thread.ofVirtual().start(this::readConsole);
  }

  /** Boots; the guest's port 80 can be reached at {@link #hostPort()}. */
  static Guest boot(KernelImage image, Path scratch, int mebibytes) throws IOException {
    int port = freePort();
    return boot(
        image, scratch, mebibytes, "user,id=net,hostfwd=tcp:127.0.0.1:" + port + "-:80", port);
  }

  /** Boots on the network of this DHCP server, alone. */
  static Guest boot(KernelImage image, Path scratch, int mebibytes, DhcpServer server)
      throws IOException {
    return boot(image, scratch, mebibytes, server.network("net"), 0);
  }

  private static Guest boot(
      KernelImage image, Path scratch, int mebibytes, String network, int port) throws IOException {
    Path monitor = scratch.resolve("qmp");
    int wirePort = freeUdpPort();
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
            KERNEL_ARGS,
            "-qmp",
            "unix:" + monitor + ",server=on,wait=off",
            "-netdev",
            network,
            "-netdev",
            "dgram,id=stranger,local.type=inet,local.host=127.0.0.1,local.port="
                + wirePort
                + ",remote.type=inet,remote.host=127.0.0.1,remote.port=9",
            "-netdev",
            "hubport,hubid=0,id=to-gateway,netdev=net",
            "-netdev",
            "hubport,hubid=0,id=to-stranger,netdev=stranger",
            "-netdev",
            "hubport,hubid=0,id=wire",
            "-device",
            "virtio-net-pci,netdev=wire,romfile=");
    return new Guest(
        new ProcessBuilder(command).redirectErrorStream(true).start(), monitor, port, wirePort);
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

  /**
   * Another machine on the guest's wire asks it for its address, 10000 times a second, to the end.
   */
  void askWithoutEnd() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              InetAddress here = InetAddress.getLoopbackAddress();
              try (DatagramSocket wire = new DatagramSocket()) {
                while (qemu.isAlive()) {
                  wire.send(new DatagramPacket(QUESTION, QUESTION.length, here, wirePort));
                  LockSupport.parkNanos(100_000);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
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

  private static int freeUdpPort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
