package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads an archive as Linux's init/initramfs.c does, and refuses what Linux would refuse. */
final class CpioArchive {
  private static final int HEADER = 110;

  private final byte[] bytes;
  private int position;

  private CpioArchive(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One member; the content of a link to an earlier member is empty. */
  record Member(int inode, int mode, int names, ByteBuffer content) {
    String text() {
      return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
    }
  }

  /** All members in order, without the trailer. */
  static Map<String, Member> read(byte[] bytes) {
    CpioArchive archive = new CpioArchive(bytes);
    Map<String, Member> members = new LinkedHashMap<>();
    while (true) {
      int start = archive.position;
      assertThat(archive.text(start, 6)).isEqualTo("070701");
      int nameSize = archive.field(start, 11);
      String name = archive.text(start + HEADER, nameSize - 1);
      assertThat(archive.bytes[start + HEADER + nameSize - 1]).isZero();
      int content = aligned(start + HEADER + nameSize);
      int size = archive.field(start, 6);
      archive.position = aligned(content + size);
      if (name.equals("TRAILER!!!")) {
        return members;
      }
      Member member =
          new Member(
              archive.field(start, 0),
              archive.field(start, 1),
              archive.field(start, 4),
              ByteBuffer.wrap(bytes, content, size).slice());
      assertThat(members.put(name, member)).as("a second %s", name).isNull();
      for (int owner : new int[] {2, 3, 5}) {
        assertThat(archive.field(start, owner)).as("owner, group and time of %s", name).isZero();
      }
    }
  }

  private int field(int header, int number) {
    return Integer.parseUnsignedInt(text(header + 6 + 8 * number, 8), 16);
  }

  private String text(int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8);
  }

  private static int aligned(int offset) {
    return Math.ceilDiv(offset, 4) * 4;
  }
}
