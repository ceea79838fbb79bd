package dev.unikernel.builder.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the dynamic loader needs to know of an ELF file (System V ABI, chapters 4 and 5; elf(5)).
 * Absent texts are null.
 *
 * @param bits 32 or 64
 * @param machine {@code e_machine}
 * @param type {@code e_type}
 * @param interpreter PT_INTERP
 * @param needed DT_NEEDED, in order
 * @param rpath DT_RPATH, split at colons
 * @param runpath DT_RUNPATH, split at colons
 * @param soname DT_SONAME
 */
public record ElfFile(
    int bits,
    int machine,
    int type,
    String interpreter,
    List<String> needed,
    List<String> rpath,
    List<String> runpath,
    String soname) {

  public static final int TYPE_EXECUTABLE = 2;
  public static final int TYPE_SHARED = 3;

  private static final int MAGIC = 0x7f454c46;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int DT_NULL = 0;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_SONAME = 14;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;
  private static final int LONGEST_TEXT = 4096;
  private static final int MOST_DYNAMIC_ENTRIES = 65536;

  /** An ELF file whose tables make no sense. */
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /** Whether the content starts as every ELF file does. */
  public static boolean startsAsElf(Content content) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(4);
    return content.size() >= 4 && fill(content, start, 0) && start.getInt(0) == MAGIC;
  }

  /**
   * Reads what the loader needs to know.
   *
   * @return empty where the content is no ELF file
   * @throws Malformed where it starts as one and goes on as nonsense
   */
  public static Optional<ElfFile> read(Content content) throws IOException, Malformed {
    return startsAsElf(content) ? Optional.of(new Reader(content).read()) : Optional.empty();
  }

  private record Segment(int type, long offset, long address, long size) {}

  private record Dynamic(long tag, long value) {}

  private static final class Reader {
    private final Content content;
    private boolean wide;
    private ByteOrder order;

    Reader(Content content) {
      this.content = content;
    }

    ElfFile read() throws IOException, Malformed {
      ByteBuffer ident = bytes(0, 16);
      wide = choose(ident.get(4), 1, 2, "class");
      order =
          choose(ident.get(5), 1, 2, "byte order") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      ByteBuffer header = bytes(0, wide ? 64 : 52);
      List<Segment> segments =
          segments(
              wide ? header.getLong(32) : unsigned(header.getInt(28)),
              unsigned(header.getShort(wide ? 54 : 42)),
              unsigned(header.getShort(wide ? 56 : 44)));
      List<Dynamic> dynamic = dynamic(segments);
      long strings = strings(dynamic, segments);
      return new ElfFile(
          wide ? 64 : 32,
          unsigned(header.getShort(18)),
          unsigned(header.getShort(16)),
          interpreter(segments),
          texts(dynamic, DT_NEEDED, strings),
          paths(texts(dynamic, DT_RPATH, strings)),
          paths(texts(dynamic, DT_RUNPATH, strings)),
          texts(dynamic, DT_SONAME, strings).stream().findFirst().orElse(null));
    }

    private List<Segment> segments(long table, int entrySize, int count)
        throws IOException, Malformed {
      int least = wide ? 56 : 32;
      if (count > 0 && entrySize < least) {
        throw new Malformed("program headers of " + entrySize + " bytes");
      }
      List<Segment> segments = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ByteBuffer entry = bytes(table + (long) i * entrySize, least);
        segments.add(
            wide
                ? new Segment(
                    entry.getInt(0), entry.getLong(8), entry.getLong(16), entry.getLong(32))
                : new Segment(
                    entry.getInt(0),
                    unsigned(entry.getInt(4)),
                    unsigned(entry.getInt(8)),
                    unsigned(entry.getInt(16))));
      }
      return segments;
    }

    private String interpreter(List<Segment> segments) throws IOException, Malformed {
      for (Segment segment : segments) {
        if (segment.type() == PT_INTERP) {
          return text(segment.offset());
        }
      }
      return null;
    }

    private List<Dynamic> dynamic(List<Segment> segments) throws IOException, Malformed {
      List<Dynamic> dynamic = new ArrayList<>();
      for (Segment segment : segments) {
        if (segment.type() != PT_DYNAMIC) {
          continue;
        }
        int entrySize = wide ? 16 : 8;
        long count = segment.size() / entrySize;
        if (segment.size() < 0 || count > MOST_DYNAMIC_ENTRIES) {
          throw new Malformed("dynamic section of " + segment.size() + " bytes");
        }
        for (int i = 0; i < count; i++) {
          ByteBuffer entry = bytes(segment.offset() + (long) i * entrySize, entrySize);
          long tag = wide ? entry.getLong(0) : entry.getInt(0);
          if (tag == DT_NULL) {
            break;
          }
          dynamic.add(new Dynamic(tag, wide ? entry.getLong(8) : unsigned(entry.getInt(4))));
        }
      }
      return dynamic;
    }

    /** The string table's place in the file: DT_STRTAB is an address. */
    private long strings(List<Dynamic> dynamic, List<Segment> segments) throws Malformed {
      for (Dynamic entry : dynamic) {
        if (entry.tag() == DT_STRTAB) {
          for (Segment segment : segments) {
            long into = entry.value() - segment.address();
            if (segment.type() == PT_LOAD && into >= 0 && into < segment.size()) {
              return segment.offset() + into;
            }
          }
          throw new Malformed("string table outside of every segment");
        }
      }
      return -1;
    }

    private List<String> texts(List<Dynamic> dynamic, int tag, long strings)
        throws IOException, Malformed {
      List<String> texts = new ArrayList<>();
      for (Dynamic entry : dynamic) {
        if (entry.tag() == tag) {
          if (strings < 0) {
            throw new Malformed("dynamic section without string table");
          }
          texts.add(text(strings + entry.value()));
        }
      }
      return texts;
    }

    private static List<String> paths(List<String> lists) {
      return lists.stream()
          .flatMap(list -> List.of(list.split(":", -1)).stream())
          .filter(path -> !path.isEmpty())
          .toList();
    }

    private String text(long offset) throws IOException, Malformed {
      if (offset < 0 || offset >= content.size()) {
        throw new Malformed("text at " + offset + " outside of the file");
      }
      ByteBuffer bytes = bytes(offset, (int) Math.min(LONGEST_TEXT, content.size() - offset));
      for (int end = 0; end < bytes.limit(); end++) {
        if (bytes.get(end) == 0) {
          return StandardCharsets.UTF_8.decode(bytes.limit(end)).toString();
        }
      }
      throw new Malformed("text at " + offset + " without end");
    }

    private ByteBuffer bytes(long offset, int size) throws IOException, Malformed {
      if (offset < 0 || offset > content.size() - size) {
        throw new Malformed("%d bytes at %d outside of the file".formatted(size, offset));
      }
      ByteBuffer bytes = ByteBuffer.allocate(size);
      if (!fill(content, bytes, offset)) {
        throw new Malformed("file cut short");
      }
      bytes.flip();
      return order == null ? bytes : bytes.order(order);
    }

    private static boolean choose(byte value, int first, int second, String what) throws Malformed {
      if (value != first && value != second) {
        throw new Malformed("unknown " + what + " " + value);
      }
      return value == second;
    }

    private static long unsigned(int value) {
      return Integer.toUnsignedLong(value);
    }

    private static int unsigned(short value) {
      return Short.toUnsignedInt(value);
    }
  }

  private static boolean fill(Content content, ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining()) {
      int count = content.read(target, offset + target.position());
      if (count < 0) {
        return false;
      }
    }
    return true;
  }
}
