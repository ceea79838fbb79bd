package dev.unikernel.builder.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A DHCP server (RFC 2131) on an Ethernet of its own, whose frames QEMU carries in UDP. It grants a
 * first lease, then answers each renewal by its script; a renewal that is asked for again gets the
 * same answer again. A {@link NameServer} may be on the same wire.
 */
public final class DhcpServer implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int ETHERNET = 14;
  private static final int IP = ETHERNET + 20;
  private static final int BOOTP = IP + 8;
  private static final int OPTIONS = BOOTP + 240;
  private static final int DISCOVER = 1;
  private static final int OFFER = 2;
  private static final int REQUEST = 3;
  private static final int ACKNOWLEDGE = 5;
  private static final int REFUSE = 6;
  private static final int NOISE = 100;
  private static final byte[] HARDWARE = {0x52, 0x54, 0, 0, 0, 1};

  private final DatagramSocket socket;
  private final SocketAddress guest;
  private final Terms first;
  private final List<Optional<Terms>> renewals;
  private final List<Integer> transactions = new ArrayList<>();
  private final Optional<NameServer> names;
  private volatile Exception failure;

  /**
   * Dotted addresses; a name server or search list that is empty and an MTU of 0 are left out.
   *
   * @param search domains, separated by blanks
   */
  public record Terms(
      String address, String router, String nameServer, String search, int mtu, int seconds) {

    public Terms(String address, String router, String nameServer, int mtu, int seconds) {
      this(address, router, nameServer, "", mtu, seconds);
    }
  }

  /** Grants one lease, and never another. */
  public DhcpServer(Terms terms, NameServer names) throws IOException {
    this(terms, List.of(), Optional.of(names));
  }

  /**
   * @param renewals the answer to each renewal; empty refuses it
   */
  public DhcpServer(Terms first, List<Optional<Terms>> renewals) throws IOException {
    this(first, renewals, Optional.empty());
  }

  private DhcpServer(Terms first, List<Optional<Terms>> renewals, Optional<NameServer> names)
      throws IOException {
    this.first = first;
    this.names = names;
    this.renewals = renewals;
    socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
    try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
      guest = free.getLocalSocketAddress();
    }
    Thread.ofVirtual().start(this::serve);
  }

  /** The network for QEMU's {@code -netdev}. */
  public String network(String id) {
    return "socket,id=%s,udp=127.0.0.1:%d,localaddr=127.0.0.1:%d"
        .formatted(id, socket.getLocalPort(), ((InetSocketAddress) guest).getPort());
  }

  /** What kept the server from serving, or null. */
  public Exception failure() {
    return failure;
  }

  @Override
  public void close() {
    socket.close();
  }

  private void serve() {
    try {
      byte[] frame = new byte[2048];
      while (true) {
        DatagramPacket packet = new DatagramPacket(frame, frame.length);
        socket.receive(packet);
        answer(Arrays.copyOf(frame, packet.getLength()));
      }
    } catch (SocketException closed) {
      return;
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  private void answer(byte[] frame) throws IOException {
    boolean forServer =
        frame.length > OPTIONS
            && frame[ETHERNET + 9] == 17
            && frame[IP + 2] == 0
            && frame[IP + 3] == 67;
    if (!forServer) {
      Optional<byte[]> answer = names.flatMap(server -> server.answer(frame));
      if (answer.isPresent()) {
        send(answer.get());
      }
      return;
    }
    ByteBuffer request = ByteBuffer.wrap(frame);
    int type = frame[OPTIONS + 2]; // this client writes it first
    boolean renewal = request.getInt(BOOTP + 12) != 0;
    if (type == DISCOVER) {
      send(reply(frame, OFFER, Optional.of(first)));
    } else if (type == REQUEST && !renewal) {
      send(reply(frame, ACKNOWLEDGE, Optional.of(first)));
    } else if (type == REQUEST) {
      Optional<Terms> terms = renewals.get(index(request.getInt(BOOTP + 4)));
      makeNoise(frame);
      send(reply(frame, terms.isPresent() ? ACKNOWLEDGE : REFUSE, terms));
    }
  }

  private int index(int transaction) {
    if (!transactions.contains(transaction)) {
      transactions.add(transaction);
    }
    return transactions.indexOf(transaction);
  }

  /** Packets of a busy service, among which the answer must be found. */
  private void makeNoise(byte[] request) throws IOException {
    byte[] packet = reply(request, ACKNOWLEDGE, Optional.of(first));
    packet[IP + 3] = 9;
    for (int i = 0; i < NOISE; i++) {
      send(packet);
    }
  }

  private void send(byte[] frame) throws IOException {
    socket.send(new DatagramPacket(frame, frame.length, guest));
  }

  private static byte[] reply(byte[] request, int type, Optional<Terms> terms) throws IOException {
    ByteBuffer options = ByteBuffer.allocate(1200).putInt(0x63825363);
    options.put(new byte[] {53, 1, (byte) type, 54, 4}).put(address("10.0.2.1"));
    if (terms.isPresent()) {
      Terms granted = terms.get();
      options.put(new byte[] {1, 4, -1, -1, -1, 0});
      options.put(new byte[] {3, 4}).put(address(granted.router()));
      if (!granted.nameServer().isEmpty()) {
        options.put(new byte[] {6, 4}).put(address(granted.nameServer()));
      }
      putSplit(options, 119, encoded(granted.search()));
      options.put(new byte[] {51, 4}).putInt(granted.seconds());
      if (granted.mtu() > 0) {
        options.put(new byte[] {26, 2}).putShort((short) granted.mtu());
      }
    }
    options.put((byte) -1).flip();

    int length = BOOTP + 236 + options.remaining();
    ByteBuffer frame = ByteBuffer.allocate(length);
    frame.put(request, 6, 6).put(HARDWARE).putShort((short) 0x0800);
    frame.put(ipHeader(length - ETHERNET));
    frame
        .putShort((short) 67)
        .putShort((short) 68)
        .putShort((short) (length - IP))
        .putShort((short) 0);
    frame.put(new byte[] {2, 1, 6, 0}).put(request, BOOTP + 4, 4).putInt(0).putInt(0);
    frame.put(terms.isPresent() ? address(terms.get().address()) : new byte[4]);
    frame.putLong(0).put(request, BOOTP + 28, 16).position(BOOTP + 236).put(options);
    return frame.array();
  }

  /** RFC 3396: as many options as it takes. */
  private static void putSplit(ByteBuffer options, int code, byte[] value) {
    for (int at = 0; at < value.length; at += 255) {
      int length = Math.min(255, value.length - at);
      options.put((byte) code).put((byte) length).put(value, at, length);
    }
  }

  /** RFC 1035, without compression. */
  private static byte[] encoded(String search) {
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String name : search.isEmpty() ? List.<String>of() : List.of(search.split(" ", -1))) {
      for (String label : name.split("\\.", -1)) {
        names.write(label.length());
        names.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
      }
      names.write(0);
    }
    return names.toByteArray();
  }

  private static byte[] ipHeader(int length) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(20);
    header
        .put(new byte[] {0x45, 0})
        .putShort((short) length)
        .putInt(0)
        .put(new byte[] {64, 17, 0, 0});
    header.put(address("10.0.2.1")).put(address("255.255.255.255"));
    int sum = 0;
    for (int i = 0; i < header.capacity(); i += 2) {
      sum += header.getShort(i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return header.putShort(10, (short) ~sum).array();
  }

  private static byte[] address(String dotted) throws IOException {
    return InetAddress.getByName(dotted).getAddress();
  }
}
