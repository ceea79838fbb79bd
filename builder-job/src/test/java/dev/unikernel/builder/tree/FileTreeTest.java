package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.tree.Entry.Directory;
import dev.unikernel.builder.tree.Entry.File;
import dev.unikernel.builder.tree.Entry.Symlink;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileTreeTest {
  private static final File FILE = new File(0644, Content.of("x"));

  private final FileTree tree =
      FileTree.builder()
          .put("/usr/lib/libc.so.6", FILE)
          .put("/lib", new Symlink("usr/lib"))
          .put("/usr/lib/libm.so", new Symlink("libc.so.6"))
          .put("/abs", new Symlink("/lib/libm.so"))
          .put("/out", new Symlink("../../../../usr"))
          .put("/loop", new Symlink("loop"))
          .put("/dangling", new Symlink("nowhere"))
          .put("/slashed", new Symlink("/abs/"))
          .build();

  @ParameterizedTest
  @CsvSource({
    "/lib/libc.so.6,           /usr/lib/libc.so.6",
    "//lib/./libc.so.6,        /usr/lib/libc.so.6",
    "/abs,                     /usr/lib/libc.so.6",
    "/out/lib/libm.so,         /usr/lib/libc.so.6",
    "/../../lib/../lib/libm.so,/usr/lib/libc.so.6",
    "/lib/..,                  /usr",
    "/lib/,                    /usr/lib",
    "/,                        /",
  })
  void resolvesAsLinuxDoes(String path, String real) {
    assertThat(tree.resolve(path)).map(FileTree.Resolved::path).contains(real);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/loop",
        "/dangling",
        "/nothing",
        "/abs/",
        "/abs/.",
        "/abs/..",
        "/abs/x",
        "/slashed",
        "/nothing/../lib"
      })
  void findsNothingWhereLinuxFails(String path) {
    assertThat(tree.resolve(path)).isEmpty();
  }

  @Test
  void namesTheLinksItPassed() {
    assertThat(tree.resolve("/abs").orElseThrow().links())
        .containsExactly("/abs", "/lib", "/usr/lib/libm.so");
  }

  @Test
  void follows40LinksButNot41() {
    FileTreeBuilder chain = FileTree.builder().put("/0", FILE);
    for (int i = 1; i <= 41; i++) {
      chain.put("/" + i, new Symlink(Integer.toString(i - 1)));
    }
    assertThat(chain.build().resolve("/40")).isPresent();
    assertThat(chain.build().resolve("/41")).isEmpty();
  }

  @Test
  void listsADirectoryBeforeItsContentAndThatBeforeItsNeighbours() {
    FileTree sorted =
        FileTree.builder().put("/a-b", FILE).put("/a/c", FILE).put("/a.d", FILE).build();
    assertThat(sorted.entries().keySet()).containsExactly("/", "/a", "/a/c", "/a-b", "/a.d");
    assertThat(sorted.children("/")).containsExactly("/a", "/a-b", "/a.d");
    assertThat(sorted.under("/a").keySet()).containsExactly("/a", "/a/c");
  }

  @Test
  void putsThroughLinksOfParentsAndReplacesALastLink() {
    FileTreeBuilder builder = tree.toBuilder();
    builder.put("/lib/libm.so", FILE).put("/dangling/file", FILE);
    assertThat(builder.build().get("/usr/lib/libm.so")).contains(FILE);
    assertThat(builder.build().get("/nowhere/file")).contains(FILE);
  }

  @Test
  void aFileReplacesADirectoryWithAllBelowItAndADirectoryKeepsIt() {
    assertThat(tree.toBuilder().put("/usr", new Directory(0700)).build().resolve("/abs"))
        .isPresent();
    assertThat(tree.toBuilder().put("/usr", FILE).build().under("/usr")).hasSize(1);
  }

  @Test
  void removesAndClears() {
    assertThat(tree.toBuilder().remove("/lib").build().get("/usr/lib")).isPresent();
    assertThat(tree.toBuilder().remove("/usr").build().under("/usr")).isEmpty();
    assertThat(tree.toBuilder().remove("/none/x").build().get("/none")).isEmpty();
    assertThat(tree.toBuilder().clear("/usr").build().under("/usr")).hasSize(1);
    assertThat(tree.toBuilder().clear("/lib").build().get("/lib")).isPresent();
  }

  @Test
  void refusesWhatCannotBe() {
    for (String path :
        List.of("/usr/lib/libc.so.6/x", "/loop/x", "/../x", "/a/../b", "/a\0b", "/")) {
      assertThatThrownBy(() -> tree.toBuilder().put(path, FILE))
          .as(path)
          .isInstanceOf(BuildFailure.class);
    }
  }

  @Test
  void sharesContentBetweenHardLinks() {
    FileTree linked = tree.toBuilder().put("/hard", FILE).build();
    assertThat(((File) linked.get("/hard").orElseThrow()).content()).isSameAs(FILE.content());
  }
}
