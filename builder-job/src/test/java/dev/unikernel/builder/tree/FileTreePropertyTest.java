package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whatever a layer does to a tree, it stays one. */
class FileTreePropertyTest {
  private static final String[] NAMES = {
    "a", "b", "\uffff", "\uffffx", "\u0001", "-", "\ud83d\ude00", "a\uffff"
  };

  @Property(tries = 2000)
  void everyParentIsADirectoryAndEveryMemoryOfOneIsTrue(@ForAll Random random) {
    FileTreeBuilder tree = FileTree.builder();
    for (int i = random.nextInt(40); i >= 0; i--) {
      String path = path(random);
      try {
        switch (random.nextInt(8)) {
          case 0 -> tree.remove(path);
          case 1 -> tree.clear(path);
          case 2, 3 -> tree.put(path, new Entry.Symlink(path(random).substring(random.nextInt(2))));
          case 4 -> tree.put(path, new Entry.Directory(0700));
          default -> put(tree, path);
        }
      } catch (BuildFailure inTheWay) {
        assertThat(inTheWay).hasMessageContaining("/");
      }
    }
    FileTree built = tree.build();
    assertThat(built.entries().keySet())
        .allMatch(
            path ->
                path.equals("/")
                    || built.get(Paths.parent(path)).orElse(null) instanceof Entry.Directory);
  }

  /** What was put is found again by the same name, through whatever links it went. */
  private static void put(FileTreeBuilder tree, String path) {
    Entry.File file = new Entry.File(0644, Content.of(path));
    tree.put(path, file);
    assertThat(tree.build().locate(path).flatMap(tree.build()::get)).contains(file);
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  @Test
  void pathsHaveBoundsAlsoThroughLinks() {
    Entry.File file = new Entry.File(0644, Content.of(""));
    FileTreeBuilder tree = FileTree.builder().put("/d".repeat(249) + "/f", file);
    tree.put("/l", new Entry.Symlink("/d".repeat(200)));
    for (String path :
        List.of("/d".repeat(251), "/" + "ä".repeat(128), "/l" + "/e".repeat(51) + "/f")) {
      assertThatThrownBy(() -> tree.put(path, file))
          .as(path)
          .isInstanceOf(BuildFailure.class)
          .hasMessageContaining("more than");
    }
    assertThatThrownBy(() -> tree.put(("/" + "n".repeat(200)).repeat(21), file))
        .hasMessageContaining("a path of more than 4095 bytes");
    assertThat(tree.put("/" + "ä".repeat(127) + "x", file).build().entries()).hasSize(253);
  }
}
