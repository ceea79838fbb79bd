package dev.unikernel.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanDirectoryTest {
  private static final String SMALLEST =
      """
      {"name": "demo/hello", "architecture": "amd64",
       "source": {"image": {"reference": "registry.example/node:20"}},
       "kernel": {"name": "nanos", "version": "1"},
       "publish": {"registry": {"repository": "registry.example/hello"}}}
      """;

  @TempDir Path directory;

  private BuildPlan read(String json) throws IOException {
    Files.writeString(directory.resolve("plan.json"), json);
    return new PlanDirectory(directory).read();
  }

  @Test
  void fillsInWhatThePlanLeavesOut() throws IOException {
    BuildPlan plan = read(SMALLEST);
    assertThat(plan.contents()).isEqualTo("Minimal");
    assertThat(plan.files()).isEmpty();
    assertThat(plan.env()).isEmpty();
    assertThat(plan.keep()).isEmpty();
    assertThat(plan.args()).isNull();
  }

  @Test
  void refusesPlansThatMakeNoSense() {
    for (String json : new String[] {"", "null", "[]", "{}", "{\"name\": 1}", SMALLEST + "}"}) {
      assertThatThrownBy(() -> read(json))
          .as(json)
          .isInstanceOfSatisfying(
              BuildFailure.class,
              failure -> assertThat(failure.error().code()).isEqualTo(Code.InvalidPlan));
    }
  }

  @Test
  void readsOnlyFilesThatLieBesideThePlan() throws IOException {
    Files.writeString(directory.resolve("main.js"), "content");
    PlanDirectory plan = new PlanDirectory(directory);
    assertThat(plan.content(new BuildPlan.File("/main.js", null, "main.js")))
        .asString()
        .isEqualTo("content");
    for (String name : new String[] {"../main.js", "/etc/passwd", "missing", "", ".", null}) {
      assertThatThrownBy(() -> plan.content(new BuildPlan.File("/x", null, name)))
          .as(name)
          .isInstanceOf(BuildFailure.class);
    }
  }

  @Property(tries = 500)
  void brokenPlansAreRefusedAndNothingWorse(@ForAll Random random) throws IOException {
    Path scratch = Files.createTempDirectory("plan");
    char[] json = SMALLEST.toCharArray();
    String alphabet = "{}[]\":,0a \\nul";
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      json[random.nextInt(json.length)] = alphabet.charAt(random.nextInt(alphabet.length()));
    }
    Path file = Files.writeString(scratch.resolve("plan.json"), new String(json));
    try {
      assertThat(new PlanDirectory(scratch).read().kernel().name()).isNotNull();
    } catch (BuildFailure refused) {
      assertThat(refused.error().code()).isEqualTo(Code.InvalidPlan);
    } finally {
      Files.delete(file);
      Files.delete(scratch);
    }
  }
}
