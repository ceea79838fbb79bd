package dev.unikernel.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanDirectoryTest {
  private static final String SMALLEST =
      """
      {"name": "demo/hello", "architecture": "amd64",
       "source": {"image": {"reference": "registry.example/node:20"}},
       "kernel": {"name": "nanos", "version": "1", "directory": "/k", "files": {"k": "00"}},
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"name\": \"demo/hello\",           | ''                         | has no name",
        "amd64                                | s390x                      | is for s390x",
        "\"architecture\": \"amd64\",         | ''                         | no architecture",
        "\"version\": \"1\",                  | ''                         | no version of kernel",
        "\"directory\": \"/k\",               | ''                         | 0 places of kernel",
        "\"/k\"                               | \"/k\", \"url\": \"u\"     | 2 places of kernel",
        ", \"files\": {\"k\": \"00\"}         | ''                         | no files of kernel",
        "\"00\"                               | null                       | no digest of kernel file k",
        "{\"name\"                            | {\"nmae\": 1, \"name\"      | knows no field nmae",
        "{\"name\"                            | {\"args\": [null], \"name\" | argument that is null",
        "{\"name\"                            | {\"keep\": [null], \"name\" | keep pattern that is null",
        "{\"name\"                            | {\"env\": [{}], \"name\"    | variable without name",
        "{\"name\"                            | {\"files\": [{}], \"name\"  | file without path",
        "{\"name\"                            | {\"files\": [null], \"name\" | file without path",
        "{\"name\"        | {\"files\": [{\"path\": \"a\"}], \"name\"     | puts a file at a",
        "{\"name\"        | {\"files\": [{\"path\": \"/a\"}], \"name\"    | no content of /a",
        "{\"name\"        | {\"contents\": \"Some\", \"name\"            | contents Some",
        "{\"name\"        | {\"workingDir\": \"srv\", \"name\"           | works in srv",
        "\"image\": {\"reference\": \"registry.example/node:20\"} | '' | names no source image",
        "\"repository\": \"registry.example/hello\"                | '' | no target repository",
      })
  void saysWhatAPlanLacks(String part, String instead, String words) {
    assertThat(SMALLEST).contains(part);
    String json = SMALLEST.replaceFirst(Pattern.quote(part), Matcher.quoteReplacement(instead));
    assertThatThrownBy(() -> read(json))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.error().code()).isEqualTo(Code.InvalidPlan))
        .hasMessageContaining(words);
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
