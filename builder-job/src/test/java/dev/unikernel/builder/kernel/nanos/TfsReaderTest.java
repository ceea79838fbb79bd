package dev.unikernel.builder.kernel.nanos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.kernel.nanos.Value.Tuple;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others write: the kernel's own updates, the other tools' habits, and malice. */
class TfsReaderTest {
  private static final int DATA = 1025;

  @TempDir Path scratch;
  private FileChannel disk;

  @BeforeEach
  void open() throws IOException {
    disk =
        FileChannel.open(
            scratch.resolve("disk"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    disk.write(ByteBuffer.allocate(1), 4L << 20);
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  @Test
  void readsExtentsHolesAndNumbersWrittenAsText() throws IOException {
    disk.write(ByteBuffer.wrap("first".getBytes(UTF_8)), DATA * 512L);
    disk.write(ByteBuffer.wrap("third".getBytes(UTF_8)), (DATA + 7) * 512L);
    Tuple extents =
        new Tuple()
            .with("2", extent("7", "1"))
            .with("0", extent("0", "1"))
            .with("3", extent("9", "1").with("uninited", Value.Null.NULL));
    byte[] content = bytes(file(extents, "2000"));
    assertThat(content).hasSize(2000);
    assertThat(new String(content, 0, 6, UTF_8)).isEqualTo("first\0");
    assertThat(new String(content, 1024, 6, UTF_8)).isEqualTo("third\0");
    assertThat(content[600]).isZero();
  }

  /** The kernel appends: it turns the old end into the end of a segment. */
  @Test
  void replaysUpdatesAndDeletions() throws IOException {
    Tuple root = new Tuple().with("children", new Tuple().with("a", new Tuple()));
    String made = hex(TupleEncoder.encode(root));
    // names: 1 root, 2 "children", 3 its tuple, 4 "a", 5 its tuple
    String added = "1103" + "8162" + "91" + "880a" + hex("linktarget") + "c1" + hex("a");
    String deleted = "1103" + "04" + "80";
    write(frame(made) + "04" + frame(added) + "04" + frame(deleted) + "01");
    FileTree files = TfsVolume.read(disk, 0).files();
    assertThat(FileTrees.essence(files))
        .containsOnlyKeys("/", "/b")
        .containsEntry("/b", "link to a");
  }

  @Test
  void refusesADirectoryWithinItself() throws IOException {
    // tuple 1 {children: tuple 3 {"a": {children: reference to 3}}}
    write(frame("91" + "8808" + hex("children") + "91" + "8161" + "91" + "02" + "1003") + "01");
    assertRefused("second name");
  }

  @Test
  void refusesALogThatRunsInACircle() throws IOException {
    write("05" + "01" + "8800");
    assertRefused("circle");
  }

  @Test
  void refusesALogThatLeavesTheDisk() throws IOException {
    write("05" + "bfffff7f" + "8800");
    assertRefused("outside");
  }

  @Test
  void refusesATupleOfATrillionEntries() throws IOException {
    write(frame("98" + "a0808080" + "8000") + "01");
    assertRefused("ends in the middle|longer than its tuple|no symbol");
  }

  @Test
  void refusesEndlessNesting() throws IOException {
    write(frame("91" + "8161" + ("91" + "02").repeat(3000)) + "01");
    assertRefused("deep");
  }

  @Test
  void refusesNamesThatLeaveTheDirectory() throws IOException {
    for (String name : new String[] {"..", ".", "a/b", ""}) {
      Tuple root = new Tuple().with("children", new Tuple().with(name, new Tuple()));
      write(frame(hex(TupleEncoder.encode(root))) + "01");
      assertRefused("name");
    }
  }

  @Test
  void refusesExtentsBeyondTheEnd() throws IOException {
    Tuple extents = new Tuple().with("0", extent("9000000", "1"));
    assertThatThrownBy(() -> file(extents, "10")).hasMessageContaining("outside");
    Tuple huge = new Tuple().with("999999999999999999", extent("0", "1"));
    assertThatThrownBy(() -> file(huge, "10")).hasMessageContaining("outside");
  }

  @Test
  void refusesADiskWithoutLog() {
    assertRefused("no TFS");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TfsVolume.read(disk, 0).files())
        .isInstanceOf(TfsException.class)
        .message()
        .containsPattern(message);
  }

  private Entry.File file(Tuple extents, String length) throws IOException {
    Tuple file = new Tuple().with("extents", extents).with("filelength", length);
    Tuple root = new Tuple().with("children", new Tuple().with("f", file));
    write(frame(hex(TupleEncoder.encode(root))) + "01");
    return (Entry.File) TfsVolume.read(disk, 0).files().get("/f").orElseThrow();
  }

  private static byte[] bytes(Entry.File file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    file.content().copyTo(Channels.newChannel(out));
    assertThat(out.toByteArray()).isEqualTo(file.content().open().readAllBytes());
    return out.toByteArray();
  }

  private static Tuple extent(String offset, String length) {
    long sector = Long.parseLong(offset) + DATA;
    return new Tuple().with("offset", Long.toString(sector)).with("length", length);
  }

  /** Sector 0 with a link to sector 1, and frames there. */
  private void write(String frames) throws IOException {
    String magic = hex("NVMTFS") + "05";
    disk.write(bytes(magic + "01" + "00".repeat(17) + "05" + "01" + "8800" + "01"), 0);
    disk.write(bytes(magic + "8800" + frames), 512);
  }

  private static String frame(String tuple) {
    ByteArrayOutputStream length = new ByteArrayOutputStream();
    Varint.write(length, tuple.length() / 2);
    return "02" + hex(length.toByteArray()).repeat(2) + tuple;
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  private static String hex(String text) {
    return hex(text.getBytes(UTF_8));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
