package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** After any layer a tree is still a tree. */
class FileTreePropertyTest {
  private static final Entry.File FILE = new Entry.File(0644, Content.of(""));
  private static final String[] NAMES = {
    "a", "b", "\uffff", "\uffffx", "\u0001", "-", "\ud83d\ude00", "a\uffff"
  };

  @Property(tries = 1000)
  void everyParentIsADirectoryAndABuilderRemembersNothingWrong(@ForAll Random random) {
    FileTreeBuilder tree = FileTree.builder();
    for (int i = random.nextInt(40); i >= 0; i--) {
      FileTreeBuilder forgetful = tree.build().toBuilder();
      long step = random.nextLong();
      assertThat(change(tree, new Random(step))).isEqualTo(change(forgetful, new Random(step)));
      assertThat(tree.build().entries()).isEqualTo(forgetful.build().entries());
    }
    FileTree built = tree.build();
    assertThat(built.entries().keySet())
        .allMatch(
            path ->
                path.equals("/")
                    || built.get(Paths.parent(path)).orElse(null) instanceof Entry.Directory);
  }

  /** Returns why not, or nothing. */
  private static String change(FileTreeBuilder tree, Random random) {
    String path = path(random);
    try {
      switch (random.nextInt(8)) {
        case 0 -> tree.remove(path);
        case 1 -> tree.clear(path);
        case 2, 3 -> tree.put(path, new Entry.Symlink(path(random).substring(random.nextInt(2))));
        case 4 -> tree.put(path, new Entry.Directory(0700));
        default -> tree.put(path, FILE);
      }
      return "";
    } catch (BuildFailure inTheWay) {
      return inTheWay.getMessage();
    }
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  @Test
  void linksMakeNoPathLongWithoutEnd() {
    FileTreeBuilder tree = FileTree.builder();
    String deep = "/d".repeat(250);
    tree.put(deep, new Entry.Directory(0755)).put("/l0", new Entry.Symlink(deep));
    assertThatThrownBy(
            () -> {
              for (int i = 1; i < 40; i++) {
                String next = "/l" + (i - 1) + deep;
                tree.put(next, new Entry.Directory(0755)).put("/l" + i, new Entry.Symlink(next));
              }
            })
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("more than 8190 characters");
  }
}
