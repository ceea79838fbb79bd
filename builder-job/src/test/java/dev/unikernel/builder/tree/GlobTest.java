package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static boolean matches(String pattern, String path) {
    return GlobPattern.of(pattern).matches(path);
  }

  @ParameterizedTest
  @CsvSource({
    "a/**/b,   a/b a/x/b a/x/y/b,   a/xb ab b",
    "**/b,     b x/b x/y/b,         xb b/x",
    "a**b,     ab a/b a/x/yb,       a b",
    "*.so,     .so x.so,            x/y.so x.so.1",
    "?,        a ä 😀 ￿,       aa / ''",
    "[a-c]x,   ax bx cx,            dx x -x",
    "[!a-c]x,  dx,                  ax /x",
    "[]a],     ] a,                 b",
    "\\*,      *,                 a",
    "a.b,      a.b,                 axb",
  })
  void matchesAsDocumented(String pattern, String yes, String no) {
    assertThat(yes.split(" ", -1)).allMatch(path -> matches(pattern, path));
    assertThat(no.replace("''", "").split(" ", -1)).noneMatch(path -> matches(pattern, path));
  }

  @Test
  void bracesAreAlternatives() {
    assertThat(Glob.of("/usr/share/{b,zoneinfo/{U,V}*}".replace("{U,V}", "U")).in(tree))
        .containsExactly("/usr/share/b", "/usr/share/zoneinfo/UTC");
    for (String pattern : List.of("/{a,{b,c}}", "/*\\", "/" + "{a,b}".repeat(9), "/*[z-a]")) {
      assertThatThrownBy(() -> Glob.of(pattern))
          .as(pattern)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Property
  void aPathMatchesItselfEscapedAndWhatIsCutOutOfIt(
      @ForAll @StringLength(min = 1, max = 12) @Chars({'a', '/', '*', '[', '{', 'ä', '\uffff'})
          String path,
      @ForAll @IntRange(max = 12) int from,
      @ForAll @IntRange(max = 12) int to) {
    String escaped = path.replaceAll("(?s)([^/])", "\\\\$1");
    assertThat(matches(escaped, path)).isTrue();
    assertThat(matches(escaped, path + "b")).isFalse();
    assertThat(matches("**", path)).isTrue();
    assertThat(matches("*", path)).isEqualTo(path.indexOf('/') < 0);
    int start = Math.min(Math.min(from, to), path.length());
    int end = Math.min(Math.max(from, to), path.length());
    String cut = path.substring(start, end);
    String around = path.substring(0, start).replaceAll("(?s)([^/])", "\\\\$1");
    String after = path.substring(end).replaceAll("(?s)([^/])", "\\\\$1");
    assertThat(matches(around + "*" + after, path) || cut.indexOf('/') >= 0).isTrue();
    assertThat(matches("?".repeat(path.length()), path)).isEqualTo(path.indexOf('/') < 0);
  }

  @Property
  void agreesWithRegularExpressions(
      @ForAll @StringLength(max = 8) @Chars({'a', 'b', '/', '*', '?'}) String pattern,
      @ForAll @StringLength(max = 8) @Chars({'a', 'b', '/'}) String path) {
    String regex =
        pattern
            .replaceAll("(?<![^/])\\*\\*/", "D")
            .replace("**", "E")
            .replace("*", "[^/]*")
            .replace("?", "[^/]")
            .replace("D", "(.*/)?")
            .replace("E", ".*");
    assertThat(matches(pattern, path)).as(regex).isEqualTo(path.matches(regex));
  }

  @Test
  void noPatternTakesLong() {
    assertThat(matches("*a".repeat(100) + "b", "a".repeat(4000))).isFalse();
  }

  @Test
  void namesNeedNoLocale() {
    FileTree named =
        FileTree.builder()
            .put("/certs/Főtanúsítvány", new Entry.File(0644, Content.of("")))
            .build();
    assertThat(Glob.of("/certs/*").in(named)).containsExactly("/certs/Főtanúsítvány");
  }
}
