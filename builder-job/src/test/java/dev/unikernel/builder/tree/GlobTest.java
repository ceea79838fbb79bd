package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GlobTest {
  private final FileTree tree =
      FileTree.builder()
          .put("/usr/share/zoneinfo/Europe/Berlin", new Entry.File(0644, Content.of("")))
          .put("/usr/share/zoneinfo/UTC", new Entry.File(0644, Content.of("")))
          .put("/usr/share/b", new Entry.File(0644, Content.of("")))
          .put("/share", new Entry.Symlink("usr/share"))
          .build();

  @Test
  void oneStarStaysInADirectoryAndTwoGoBelow() {
    assertThat(Glob.of("/usr/share/*").in(tree))
        .containsExactly("/usr/share/b", "/usr/share/zoneinfo");
    assertThat(Glob.of("/usr/share/zoneinfo/**").in(tree))
        .containsExactly(
            "/usr/share/zoneinfo/Europe",
            "/usr/share/zoneinfo/Europe/Berlin",
            "/usr/share/zoneinfo/UTC");
    assertThat(Glob.of("/**/Berlin").in(tree)).containsExactly("/usr/share/zoneinfo/Europe/Berlin");
  }

  @Test
  void followsLinksBeforeTheFirstWildcard() {
    assertThat(Glob.of("/share/zoneinfo/U?C").in(tree)).containsExactly("/usr/share/zoneinfo/UTC");
  }

  @Test
  void aPlainPathIsItself() {
    assertThat(Glob.of("/share").in(tree)).containsExactly("/share");
    assertThat(Glob.of("/share").isPath()).isTrue();
    assertThat(Glob.of("/none").in(tree)).isEmpty();
  }

  @Test
  void refusesWhatIsNoPattern() {
    for (String pattern : List.of("relative/*", "/a[", "/a{b", "/a\0*")) {
      assertThatThrownBy(() -> Glob.of(pattern)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
