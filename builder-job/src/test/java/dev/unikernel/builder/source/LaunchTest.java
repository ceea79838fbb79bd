package dev.unikernel.builder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.tree.Content;
import dev.unikernel.builder.tree.Entry;
import dev.unikernel.builder.tree.FileTree;
import dev.unikernel.builder.tree.TestElf;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaunchTest {
  private static final Launch.Wish NOTHING = new Launch.Wish(null, null, Map.of(), null);

  private final FileTree tree =
      FileTree.builder()
          .put("/usr/local/bin/node", TestElf.amd64().file())
          .put("/usr/bin/node", TestElf.amd64().file())
          .put("/bin/sh", TestElf.amd64().file())
          .put("/srv/app", TestElf.amd64().file())
          .put("/srv/data", new Entry.File(0644, Content.of("text")))
          .put("/srv/text", new Entry.File(0755, Content.of("no program")))
          .put(
              "/usr/local/bin/docker-entrypoint.sh",
              new Entry.File(0755, Content.of("#!/bin/sh -e\nexec \"$@\"\n")))
          .build();

  private static ImageConfig image(List<String> entrypoint, List<String> command) {
    return new ImageConfig(
        "amd64",
        entrypoint,
        command,
        Map.of("PATH", "/usr/local/bin:/usr/bin", "A", "image"),
        "/srv",
        "",
        List.of(),
        List.of());
  }

  private static Launch.Wish wish(String program, List<String> args) {
    return new Launch.Wish(program, args, Map.of(), null);
  }

  private List<String> arguments(Launch.Wish wish) throws IOException {
    return Launch.of(image(List.of("/srv/app", "-e"), List.of("cmd")), wish, tree).arguments();
  }

  @Test
  void argumentsFollowThePodsRules() throws IOException {
    assertThat(arguments(NOTHING)).containsExactly("/srv/app", "-e", "cmd");
    assertThat(arguments(wish(null, List.of("x")))).containsExactly("/srv/app", "-e", "x");
    assertThat(arguments(wish(null, List.of()))).containsExactly("/srv/app", "-e");
    assertThat(arguments(wish("/bin/sh", null))).containsExactly("/bin/sh");
    assertThat(arguments(wish("/bin/sh", List.of("x")))).containsExactly("/bin/sh", "x");
  }

  @Test
  void findsProgramsAsExecvpDoes() throws IOException {
    assertThat(Launch.of(image(List.of(), List.of("node")), NOTHING, tree))
        .satisfies(
            launch -> {
              assertThat(launch.program()).isEqualTo("/usr/local/bin/node");
              assertThat(launch.arguments()).containsExactly("node");
              assertThat(launch.workingDirectory()).isEqualTo("/srv");
            });
    assertThat(Launch.of(image(List.of(), List.of("./app")), NOTHING, tree).program())
        .isEqualTo("/srv/./app");
    Launch.Wish path = new Launch.Wish("node", null, Map.of("PATH", "/usr/bin", "A", "user"), "/");
    assertThat(Launch.of(image(List.of(), List.of()), path, tree))
        .satisfies(
            launch -> {
              assertThat(launch.program()).isEqualTo("/usr/bin/node");
              assertThat(launch.environment()).containsEntry("A", "user");
              assertThat(launch.workingDirectory()).isEqualTo("/");
            });
  }

  @Test
  void aScriptIsRefusedWithTheProgramThatItSeemsToStart() {
    BuildError error = refused(image(List.of("docker-entrypoint.sh"), List.of("node", "main.js")));
    assertThat(error.code()).isEqualTo(Code.ProgramNotExecutable);
    assertThat(error.message())
        .isEqualTo(
            "/usr/local/bin/docker-entrypoint.sh is a script for /bin/sh -e; a unikernel runs one"
                + " ELF program");
    assertThat(error.remedy()).contains("set spec.program", "/usr/local/bin/node");
  }

  @Test
  void aShellThatOnlyStartsAnotherIsRefusedUnlessTheUserAskedForIt() throws IOException {
    BuildError error = refused(image(List.of("/bin/sh", "-c"), List.of("exec node")));
    assertThat(error.message()).contains("/bin/sh only starts another program");
    assertThat(Launch.of(image(List.of(), List.of()), wish("/bin/sh", null), tree).program())
        .isEqualTo("/bin/sh");
  }

  @Test
  void saysWhatIsWrongWithTheProgram() {
    assertThat(refused(image(List.of(), List.of())).code()).isEqualTo(Code.ProgramMissing);
    assertThat(refused(image(List.of("/none"), List.of())))
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo(Code.ProgramMissing);
              assertThat(error.message()).isEqualTo("the program /none is not in the source");
            });
    assertThat(refused(image(List.of("none"), List.of())).message())
        .contains("none is in no directory of PATH (/usr/local/bin:/usr/bin)");
    assertThat(refused(image(List.of("/srv"), List.of())).code()).isEqualTo(Code.ProgramMissing);
    assertThat(refused(image(List.of("/srv/data"), List.of())).message()).contains("has mode 0644");
    assertThat(refused(image(List.of("/srv/text"), List.of())).message())
        .isEqualTo("/srv/text is no ELF program");
  }

  private BuildError refused(ImageConfig image) {
    BuildError[] error = new BuildError[1];
    assertThatThrownBy(() -> Launch.of(image, NOTHING, tree))
        .isInstanceOfSatisfying(BuildFailure.class, failure -> error[0] = failure.error());
    return error[0];
  }
}
