package dev.unikernel.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.registry.TestRegistry;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.FileTreeBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerReaderTest {
  private static final List<String> NOTES = new ArrayList<>();

  @TempDir Path scratch;

  private static FileChannel spool(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private FileTree lay(byte[]... layers) throws IOException {
    return lay(scratch, layers);
  }

  private static FileTree lay(Path scratch, byte[]... layers) throws IOException {
    FileTreeBuilder tree = FileTree.builder();
    for (int i = 0; i < layers.length; i++) {
      Path blob = Files.write(scratch.resolve("blob" + i), layers[i]);
      new LayerReader("layer", tree, NOTES::add)
          .read(blob, spool(scratch.resolve("spool" + i)), null);
    }
    return tree.build();
  }

  private static String text(FileTree tree, String path) throws IOException {
    Entry.File file = (Entry.File) tree.resolve(path).orElseThrow().entry();
    return new String(file.content().open().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void readsEveryKindOfEntryFromEveryPacking() throws IOException {
    byte[] tar =
        new TestLayer()
            .directory("./usr", 0700)
            .file("./usr/a", 04755, "first".getBytes(StandardCharsets.UTF_8))
            .file("usr/empty", "")
            .file("usr/" + "long".repeat(60), "long name")
            .file("usr/größe", "umlaut")
            .symlink("bin", "usr")
            .hardLink("usr/b", "usr/a")
            .device("dev/null")
            .tar();
    for (byte[] blob : List.of(tar, TestLayer.gzip(tar), TestLayer.zstd(tar))) {
      FileTree tree = lay(blob);
      assertThat(text(tree, "/bin/a")).isEqualTo("first");
      assertThat(text(tree, "/usr/empty")).isEmpty();
      assertThat(text(tree, "/usr/" + "long".repeat(60))).isEqualTo("long name");
      assertThat(text(tree, "/usr/größe")).isEqualTo("umlaut");
      Entry.File a = (Entry.File) tree.get("/usr/a").orElseThrow();
      assertThat(a.mode()).isEqualTo(04755);
      assertThat(tree.get("/usr/b")).contains(a);
      assertThat(tree.get("/usr")).contains(new Entry.Directory(0700));
      assertThat(tree.get("/dev/null")).isEmpty();
    }
  }

  @Test
  void whiteoutsHideWhatIsBelowAndNothingOfTheirOwnLayer() throws IOException {
    FileTree tree =
        lay(
            new TestLayer()
                .file("a/old", "1")
                .file("a/sub/old", "1")
                .file("b/gone", "1")
                .file("b/kept", "1")
                .file("c", "1")
                .tar(),
            new TestLayer()
                .file("a/new", "2")
                .file("a/.wh..wh..opq", "")
                .file("b/.wh.gone", "")
                .file("c", "2")
                .file(".wh.c", "")
                .file("nothing/.wh.there", "")
                .tar());
    assertThat(tree.entries().keySet()).containsExactly("/", "/a", "/a/new", "/b", "/b/kept", "/c");
    assertThat(text(tree, "/c")).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(bytes = {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO})
  void whatIsLeftOutStillTakesThePlaceOfWhatIsBelow(byte type) throws IOException {
    FileTree tree =
        lay(
            new TestLayer()
                .file("file", "1")
                .symlink("link", "file")
                .file("directory/below", "1")
                .file("linked", "1")
                .file("again", "1")
                .file("real/through", "1")
                .symlink("way", "real")
                .tar(),
            new TestLayer()
                .special("file", type)
                .special("link", type)
                .special("directory", type)
                .special("way/through", type)
                .hardLink("linked", "file")
                .special("again", type)
                .file("again", "2")
                .special("new", type)
                .tar());
    assertThat(tree.entries().keySet()).containsExactly("/", "/again", "/real", "/way");
    assertThat(text(tree, "/again")).isEqualTo("2");
  }

  @Test
  void aLaterLayerReplacesAnEarlierOneThroughItsLinks() throws IOException {
    FileTree tree =
        lay(
            new TestLayer().file("usr/lib/x", "1").symlink("lib", "usr/lib").file("d/x", "1").tar(),
            new TestLayer()
                .file("lib/x", "2")
                .hardLink("lib/y", "usr/lib/x")
                .symlink("d", "lib")
                .tar());
    assertThat(text(tree, "/usr/lib/x")).isEqualTo("2");
    assertThat(text(tree, "/usr/lib/y")).isEqualTo("2");
    assertThat(text(tree, "/d/x")).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "..", "/../x", "a/.."})
  void refusesPathsThatLeadOut(String name) {
    assertThatThrownBy(() -> lay(new TestLayer().file(name, "x").tar()))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.error().code()).isEqualTo(Code.SourceCorrupt))
        .hasMessageContaining("leads out of it");
    assertThatThrownBy(() -> lay(new TestLayer().hardLink("y", name).tar()))
        .isInstanceOf(BuildFailure.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/|250", "x|256", "ä|128", "a234567890/|400", "a/|3000"})
  void refusesPathsThatNoLinuxHas(String times) {
    int bar = times.indexOf('|');
    String name = times.substring(0, bar).repeat(Integer.parseInt(times.substring(bar + 1)));
    for (TestLayer layer :
        List.of(
            new TestLayer().file(name + "f", "x"),
            new TestLayer().file(name + ".wh.f", ""),
            new TestLayer().file("f", "x").hardLink("g", name + "f"))) {
      assertThatThrownBy(() -> lay(layer.tar()))
          .isInstanceOfSatisfying(
              BuildFailure.class,
              failure -> assertThat(failure.error().code()).isEqualTo(Code.SourceCorrupt))
          .hasMessageContaining("more than")
          .message()
          .hasSizeLessThan(200);
    }
  }

  @Test
  void namesThatAreNotUtf8AreNoted() throws IOException {
    NOTES.clear();
    byte[] tar = new TestLayer().file("plain", "x").file("gr", "x").tar();
    lay(tar);
    assertThat(NOTES).isEmpty();
    lay(new TestLayer().file("gr\ufffd", "x").tar());
    assertThat(NOTES).singleElement().asString().contains("1 names that are not UTF-8");
  }

  @Test
  void linksOutOfTheTreeStayInside() throws IOException {
    FileTree tree =
        lay(
            new TestLayer()
                .symlink("up", "../../../..")
                .symlink("abs", "/etc")
                .file("up/file", "inside")
                .file("abs/file", "inside too")
                .tar());
    assertThat(text(tree, "/file")).isEqualTo("inside");
    assertThat(text(tree, "/etc/file")).isEqualTo("inside too");
  }

  @Test
  void refusesLinksToNothingAndFilesAsDirectories() {
    for (TestLayer layer :
        List.of(
            new TestLayer().hardLink("a", "missing"),
            new TestLayer().file("a", "x").file("a/b", "x"),
            new TestLayer().symlink("a", ""))) {
      assertThatThrownBy(() -> lay(layer.tar()))
          .isInstanceOfSatisfying(
              BuildFailure.class,
              failure -> assertThat(failure.error().code()).isEqualTo(Code.SourceCorrupt));
    }
  }

  @Test
  void refusesATarThatIsNotTheOneTheImageNames() throws IOException {
    byte[] tar = new TestLayer().file("a", "x").tar();
    Path blob = Files.write(scratch.resolve("blob"), TestLayer.gzip(tar));
    FileTreeBuilder tree = FileTree.builder();
    LayerReader reader = new LayerReader("layer 1", tree, NOTES::add);
    FileChannel spool = spool(scratch.resolve("s"));
    reader.read(blob, spool, TestRegistry.digest(tar));
    assertThatThrownBy(() -> reader.read(blob, spool, TestRegistry.digest(new byte[0])))
        .hasMessageContaining("layer 1 unpacks to " + TestRegistry.digest(tar));
  }

  @Property(tries = 400)
  void brokenLayersAreRefusedOrReadButNeverCrash(
      @ForAll Random random, @ForAll @IntRange(max = 2) int packing) throws IOException {
    Path scratch = Files.createTempDirectory("fuzz");
    byte[] tar =
        new TestLayer()
            .directory("d", 0755)
            .file("d/f", "content")
            .symlink("l", "d")
            .hardLink("h", "d/f")
            .file("d/" + "n".repeat(150), "x")
            .file(".wh.q", "")
            .tar();
    byte[] blob =
        switch (packing) {
          case 0 -> tar;
          case 1 -> TestLayer.gzip(tar);
          default -> TestLayer.zstd(tar);
        };
    for (int i = random.nextInt(1, 12); i > 0; i--) {
      blob[random.nextInt(blob.length)] = (byte) random.nextInt();
    }
    try {
      FileTree tree = lay(scratch, blob);
      assertThat(tree.entries().keySet()).allMatch(path -> path.startsWith("/"));
      assertThat(tree.entries().keySet()).noneMatch(path -> path.matches(".*/\\.\\.?(/.*)?"));
    } catch (BuildFailure refused) {
      assertThat(refused.error().code()).isEqualTo(Code.SourceCorrupt);
    } finally {
      for (String name : List.of("blob0", "spool0")) {
        Files.deleteIfExists(scratch.resolve(name));
      }
      Files.delete(scratch);
    }
  }
}
