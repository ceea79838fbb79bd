package dev.unikernel.builder.tree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A small ELF file: headers, one loaded segment, and what the dynamic loader reads. */
public final class TestElf {
  private static final int HEADERS = 64 + 3 * 56;

  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<long[]> dynamic = new ArrayList<>();
  private final int machine;
  private int type = ElfFile.TYPE_SHARED;
  private String interpreter;

  private TestElf(int machine) {
    this.machine = machine;
    strings.write(0);
  }

  public static TestElf amd64() {
    return new TestElf(62);
  }

  public static TestElf arm64() {
    return new TestElf(183);
  }

  public TestElf executable() {
    return type(ElfFile.TYPE_EXECUTABLE);
  }

  /** {@code e_type}. */
  public TestElf type(int number) {
    type = number;
    return this;
  }

  public TestElf interpreter(String path) {
    interpreter = path;
    return this;
  }

  public TestElf needs(String... libraries) {
    List.of(libraries).forEach(library -> entry(1, library));
    return this;
  }

  public TestElf soname(String name) {
    return entry(14, name);
  }

  public TestElf rpath(String path) {
    return entry(15, path);
  }

  public TestElf runpath(String path) {
    return entry(29, path);
  }

  private TestElf entry(long tag, String text) {
    dynamic.add(new long[] {tag, strings.size()});
    strings.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  public byte[] bytes() {
    byte[] interp =
        interpreter == null ? new byte[0] : (interpreter + "\0").getBytes(StandardCharsets.UTF_8);
    int dynamicAt = HEADERS + interp.length;
    int dynamicSize = (dynamic.size() + 2) * 16;
    int stringsAt = dynamicAt + dynamicSize;
    int size = stringsAt + strings.size();
    long base = 0x10000;
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    out.putShort((short) type).putShort((short) machine).putInt(1).putLong(0).putLong(64);
    out.putLong(0).putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 3);
    out.position(64);
    segment(out, 1, 0, base, size);
    segment(out, dynamic.isEmpty() ? 0 : 2, dynamicAt, base + dynamicAt, dynamicSize);
    segment(out, interpreter == null ? 0 : 3, HEADERS, base + HEADERS, interp.length);
    out.put(interp);
    dynamic.forEach(entry -> out.putLong(entry[0]).putLong(entry[1]));
    out.putLong(5).putLong(base + stringsAt).putLong(0).putLong(0);
    out.put(strings.toByteArray());
    return out.array();
  }

  private static void segment(ByteBuffer out, int type, long offset, long address, long size) {
    out.putInt(type).putInt(4).putLong(offset).putLong(address).putLong(address);
    out.putLong(size).putLong(size).putLong(4096);
  }

  public Entry.File file() {
    return new Entry.File(0755, Content.of(bytes()));
  }
}
