package dev.unikernel.builder.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MentionsTest {
  private static final Entry.File DATA = new Entry.File(0644, Content.of("data"));

  private final FileTree tree =
      FileTree.builder()
          .put("/usr/share/node/lexer.js", DATA)
          .put("/usr/share/node/other.js", DATA)
          .put("/usr/share/node/tool", new Entry.File(0755, Content.of("#!")))
          .put("/etc/shadow", DATA)
          .build();

  private static Content elf(String text) {
    return Content.of(("\u007fELF\0" + text).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void findsWholeStringsThatNameDataFiles() throws Exception {
    Content content =
        elf(
            "/usr/share/node/lexer.js\0see /usr/share/node/other.js\0/usr/share/node/tool\0"
                + "/etc/shadow\0/usr/share/node\0/usr/share/none\0/usr/share/node/other.js");
    assertThat(Mentions.in(content, tree)).containsExactly("/usr/share/node/lexer.js");
  }

  @Test
  void readsNoOtherFiles() throws Exception {
    assertThat(Mentions.in(Content.of("\0/usr/share/node/lexer.js\0"), tree)).isEmpty();
  }

  @Property(tries = 100)
  void findsThemWhereverTheyLie(@ForAll @IntRange(max = 70_000) int before) throws Exception {
    String padding = "\1".repeat(before);
    assertThat(Mentions.in(elf(padding + "/usr/share/node/lexer.js\0end"), tree)).hasSize(1);
    assertThat(Mentions.in(elf(padding + "x".repeat(400) + "/usr/share/node/lexer.js\0"), tree))
        .isEmpty();
  }
}
