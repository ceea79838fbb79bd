package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The static check of the commands that scripts call sees one that no listed package brings. */
class CommandsTest {

  private static final String CHECK =
      DevCluster.SCRIPTS.resolve("../../build/commands").normalize().toString();

  @TempDir Path folder;

  @Test
  void a_command_that_no_package_brings() throws IOException {
    List<String> ways =
        List.of(
            "socat - TCP:localhost:80",
            "true && ! socat -h",
            "echo hello | socat - TCP:localhost:80",
            "answer=$(socat - TCP:localhost:80)",
            "f() { if socat -h; then :; fi; }; f",
            "exec socat -h",
            "LANG=C setsid socat -h &",
            "exec timeout --kill-after=60 90m socat -h",
            "env -i PATH=/usr/bin socat -h",
            "flock \"$lock\" socat -h",
            "nsenter --net=\"$net\" -- socat -h",
            "cat hosts | xargs -r socat",
            "find . -name x -exec socat {} +",
            "trap 'rm -f x; socat -h' EXIT",
            "bash -c 'eval \"socat -h\"'",
            "component() { shift; \"$@\"; }; component proxy socat -h",
            "$as_root socat -h",
            "cat < <(socat -h)");
    List<Path> scripts = new ArrayList<>();
    for (String way : ways) {
      scripts.add(write("script-" + scripts.size(), "#!/bin/bash\n" + way + "\n"));
    }
    scripts.add(
        write(
            "Makefile",
            "all: ## socat\n\t@: $(or $(X),$(error X))\n\t@for i in $$(seq 3); do socat $(X); done\n"));

    assertThatThrownBy(() -> check(scripts))
        .satisfies(
            failure -> {
              for (Path script : scripts) {
                assertThat(failure.getMessage())
                    .contains(script + " calls socat, which a fresh machine does not have");
              }
            });
  }

  @Test
  void what_packages_the_shell_and_the_script_itself_bring_is_fine() throws IOException {
    Path script =
        write(
            "script",
            """
            #!/bin/bash
            # socat in a comment
            mine() { nft list ruleset | awk '{print "socat"}'; }
            mine; echo socat | grep -q socat && kubectl get pods && cc --version; git status
            command -v socat || "$home/socat" || cat <<END
            socat
            END
            """);

    assertThat(check(List.of(script))).isEmpty();
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static String check(List<Path> files) {
    List<String> words = new ArrayList<>(List.of(CHECK));
    files.forEach(file -> words.add(file.toString()));
    return new Command(words, Map.of()).run();
  }
}
