package dev.unikernel.builder.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.kernel.linux.CpioArchive.Member;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpioWriterTest {
  private static final int TYPE = 0170000;

  @Property(tries = 300)
  void whatIsReadBackIsTheTree(@ForAll("trees") FileTree tree) {
    byte[] archive = write(tree);

    assertThat(archive.length % 512).isZero();
    assertThat(write(tree)).isEqualTo(archive);
    Map<String, Member> members = CpioArchive.read(archive);
    assertThat(members.keySet().stream().map(CpioWriterTest::absolute))
        .containsExactlyElementsOf(tree.entries().keySet());
    Map<Integer, ByteBuffer> contents = new HashMap<>();
    members.forEach(
        (name, member) -> {
          switch (tree.get(absolute(name)).orElseThrow()) {
            case Entry.Directory(int mode) -> assertThat(member.mode()).isEqualTo(0040000 | mode);
            case Entry.Symlink(String target) -> {
              assertThat(member.mode() & TYPE).isEqualTo(0120000);
              assertThat(member.text()).isEqualTo(target);
            }
            case Entry.File(int mode, Content content) -> {
              assertThat(member.mode()).isEqualTo(0100000 | mode);
              assertThat(contents.computeIfAbsent(member.inode(), inode -> member.content()))
                  .isEqualTo(ByteBuffer.wrap(bytesOf(content)));
              assertThat(member.names()).isEqualTo(namesOf(content, tree));
            }
          }
        });
  }

  /** The smallest archive, letter by letter after buffer-format.rst. */
  @Test
  void goldenArchive() {
    FileTree tree = FileTree.builder().put("/a", new Entry.File(0644, Content.of("hi\n"))).build();
    String root =
        "070701" + "00000001000041ed" + "0000000000000000" + "0000000200000000" + "00000000";
    String file =
        "070701" + "00000002000081a4" + "0000000000000000" + "0000000100000000" + "00000003";
    String last =
        "070701" + "0000000000000000" + "0000000000000000" + "0000000100000000" + "00000000";
    String devices = "00000000".repeat(4);
    String text =
        (root + devices + "00000002" + "00000000" + ".\0")
            + (file + devices + "00000002" + "00000000" + "a\0" + "hi\n\0")
            + (last + devices + "0000000b" + "00000000" + "TRAILER!!!\0\0\0\0");
    byte[] expected = new byte[512];
    byte[] begin = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(begin, 0, expected, 0, begin.length);

    assertThat(new String(write(tree), StandardCharsets.US_ASCII))
        .isEqualTo(new String(expected, StandardCharsets.US_ASCII));
  }

  @Test
  void cpioUnpacksItWithLinksAndModes(@TempDir Path scratch) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cpio")), "needs cpio (Debian: cpio)");
    Content shared = Content.of("one file, two names\n");
    FileTree tree =
        FileTree.builder()
            .put("/usr/bin/one", new Entry.File(0755, shared))
            .put("/usr/bin/two", new Entry.File(0755, shared))
            .put("/bin", new Entry.Symlink("usr/bin"))
            .put("/tmp", new Entry.Directory(01777))
            .build();
    Path archive = Files.write(scratch.resolve("archive"), write(tree));

    Path root = Files.createDirectory(scratch.resolve("root"));
    Process cpio =
        new ProcessBuilder("cpio", "--extract", "--quiet", "--no-preserve-owner")
            .directory(root.toFile())
            .inheritIO()
            .redirectInput(archive.toFile())
            .start();
    assertThat(cpio.waitFor()).isZero();

    assertThat(root.resolve("usr/bin/two")).hasContent("one file, two names\n").isExecutable();
    assertThat(Files.readAttributes(root.resolve("usr/bin/one"), "unix:ino"))
        .isEqualTo(Files.readAttributes(root.resolve("usr/bin/two"), "unix:ino"));
    assertThat(root.resolve("bin/one")).exists();
    assertThat((int) Files.getAttribute(root.resolve("tmp"), "unix:mode") & 07777).isEqualTo(01777);
  }

  @Test
  void aFileOfFourGibibytesIsRefusedByName() {
    FileTree tree =
        FileTree.builder().put("/var/huge", new Entry.File(0644, new Huge(1L << 32))).build();

    assertThatThrownBy(() -> write(tree))
        .isInstanceOf(BuildFailure.class)
        .hasMessage(
            "/var/huge has 4,294,967,296 bytes; the linux kernel's initial file system holds files"
                + " below 4 GiB");
  }

  @Test
  void whatLinuxWouldSkipWithoutAWordIsRefusedByName() {
    Entry file = new Entry.File(0644, Content.of("x"));
    String longest = "/" + "d/".repeat(2046) + "f".repeat(3);
    write(FileTree.builder().put("/sub/TRAILER!!!", file).put(longest, file).build());
    write(FileTree.builder().put("/" + "n".repeat(255), file).build());

    assertRefused("/TRAILER!!!", file, "/TRAILER!!! is the name at which Linux ends an archive");
    assertRefused(longest + "f", file, "is a path of more than 4095 bytes");
    assertRefused("/" + "ä".repeat(128), file, "is a name of more than 255 bytes");
    assertRefused(
        "/a", new Entry.Symlink("x".repeat(4096)), "/a links to a path of more than 4095 bytes");
  }

  private static void assertRefused(String path, Entry entry, String message) {
    assertThatThrownBy(() -> write(FileTree.builder().put(path, entry).build()))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining(message);
  }

  @Provide
  Arbitrary<FileTree> trees() {
    List<Content> shared = List.of(Content.of("x"), Content.of("shared by some"));
    Arbitrary<Content> contents =
        Arbitraries.oneOf(
            Arbitraries.of(shared),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(600).map(Content::of));
    Arbitrary<Integer> modes = Arbitraries.integers().between(0, 0777);
    Arbitrary<Entry> entries =
        Arbitraries.oneOf(
            modes.map(Entry.Directory::new),
            Combinators.combine(modes, contents).as(Entry.File::new),
            Arbitraries.strings().alpha().ofMinLength(1).map(Entry.Symlink::new));
    Arbitrary<String> paths =
        Arbitraries.of("a", "b", "lib", "größe", "a-long-name-of-a-file.so.1.2.3")
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(names -> "/" + String.join("/", names));
    return Arbitraries.maps(paths, entries).ofMaxSize(12).map(CpioWriterTest::treeOf);
  }

  /** Paths that lead through a file are left out. */
  private static FileTree treeOf(Map<String, Entry> entries) {
    FileTreeBuilder tree = FileTree.builder();
    entries.forEach(
        (path, entry) -> {
          boolean blocked =
              entries.entrySet().stream()
                  .anyMatch(
                      other ->
                          path.startsWith(other.getKey() + "/")
                              && !(other.getValue() instanceof Entry.Directory));
          if (!blocked) {
            tree.put(path, entry);
          }
        });
    return tree.build();
  }

  private static byte[] write(FileTree tree) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      assertThat(CpioWriter.write(tree, Channels.newChannel(bytes))).isEqualTo(bytes.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytesOf(Content content) {
    try (var in = content.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int namesOf(Content content, FileTree tree) {
    return (int)
        tree.entries().values().stream()
            .filter(entry -> entry instanceof Entry.File file && file.content().equals(content))
            .count();
  }

  private static String absolute(String name) {
    return name.equals(".") ? "/" : "/" + name;
  }

  /** A content that is never read. */
  private record Huge(long size) implements Content {
    @Override
    public int read(ByteBuffer target, long position) {
      throw new AssertionError("read");
    }

    @Override
    public void copyTo(WritableByteChannel target) {
      throw new AssertionError("read");
    }
  }
}
