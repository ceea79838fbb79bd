package dev.unikernel.builder.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A DNS server (RFC 1035) as a machine on a guest's Ethernet: it answers ARP for its address, and
 * queries for IPv4 addresses that it knows. Every other name does not exist. It speaks neither TCP
 * nor EDNS.
 */
public final class NameServer {
  private static final int ETHERNET = 14;
  private static final int IP_LENGTH = 20;
  private static final int UDP_LENGTH = 8;
  private static final int DNS = ETHERNET + IP_LENGTH + UDP_LENGTH;
  private static final int DNS_HEADER = 12;
  private static final int IPV4 = 0x0800;
  private static final int ARP = 0x0806;
  private static final int TYPE_A = 1;
  private static final byte[] HARDWARE = {0x52, 0x54, 0, 0, 0, 0x53};

  private final byte[] address;
  private final Map<String, String> names;
  private final List<String> queries = Collections.synchronizedList(new ArrayList<>());

  /**
   * @param address dotted
   * @param names full name, without the last dot, to dotted address
   */
  public NameServer(String address, Map<String, String> names) {
    this.address = bytes(address);
    this.names = Map.copyOf(names);
  }

  /** The names that were asked for, in order. */
  public List<String> queries() {
    return List.copyOf(queries);
  }

  Optional<byte[]> answer(byte[] frame) {
    int type = frame.length < 42 ? 0 : ByteBuffer.wrap(frame).getShort(12) & 0xffff;
    if (type == ARP && frame[21] == 1 && Arrays.equals(address, 0, 4, frame, 38, 42)) {
      return Optional.of(arpReply(frame));
    }
    boolean query =
        type == IPV4
            && frame.length > DNS + DNS_HEADER
            && frame[ETHERNET] == 0x45
            && frame[ETHERNET + 9] == 17
            && Arrays.equals(address, 0, 4, frame, ETHERNET + 16, ETHERNET + 20)
            && ByteBuffer.wrap(frame).getShort(ETHERNET + IP_LENGTH + 2) == 53;
    return query ? Optional.of(reply(frame)) : Optional.empty();
  }

  private byte[] arpReply(byte[] frame) {
    return ByteBuffer.allocate(60)
        .put(frame, 6, 6)
        .put(HARDWARE)
        .put(frame, 12, 8)
        .putShort((short) 2)
        .put(HARDWARE)
        .put(address)
        .put(frame, 22, 10)
        .array();
  }

  private byte[] reply(byte[] frame) {
    int end = DNS + DNS_HEADER;
    StringBuilder name = new StringBuilder();
    for (; frame[end] != 0; end += frame[end] + 1) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(frame, end + 1, frame[end], StandardCharsets.US_ASCII));
    }
    end += 5;
    queries.add(name.toString());
    String known = names.get(name.toString());
    boolean answers = known != null && ByteBuffer.wrap(frame).getShort(end - 4) == TYPE_A;
    ByteBuffer message = ByteBuffer.allocate(end - DNS + (answers ? 16 : 0));
    message
        .put(frame, DNS, 2)
        .put(new byte[] {(byte) 0x85, (byte) (known == null ? 0x83 : 0x80)})
        .putShort((short) 1)
        .putShort((short) (answers ? 1 : 0))
        .putInt(0)
        .put(frame, DNS + DNS_HEADER, end - DNS - DNS_HEADER);
    if (answers) {
      message
          .putShort((short) 0xc00c)
          .putInt(TYPE_A << 16 | 1)
          .putInt(5)
          .putShort((short) 4)
          .put(bytes(known));
    }
    return packet(frame, message.array());
  }

  private byte[] packet(byte[] query, byte[] message) {
    ByteBuffer ip = ByteBuffer.allocate(IP_LENGTH);
    ip.put(new byte[] {0x45, 0})
        .putShort((short) (IP_LENGTH + UDP_LENGTH + message.length))
        .putInt(0)
        .put(new byte[] {64, 17, 0, 0})
        .put(address)
        .put(query, ETHERNET + 12, 4);
    int sum = 0;
    for (int i = 0; i < IP_LENGTH; i += 2) {
      sum += ip.getShort(i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    ip.putShort(10, (short) ~sum);
    return ByteBuffer.allocate(DNS + message.length)
        .put(query, 6, 6)
        .put(HARDWARE)
        .putShort((short) IPV4)
        .put(ip.array())
        .putShort((short) 53)
        .put(query, ETHERNET + IP_LENGTH, 2)
        .putShort((short) (UDP_LENGTH + message.length))
        .putShort((short) 0)
        .put(message)
        .array();
  }

  private static byte[] bytes(String dotted) {
    byte[] bytes = new byte[4];
    String[] parts = dotted.split("\\.", -1);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return bytes;
  }
}
