package dev.unikernel.builder.plan;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The mounted directory that holds {@code plan.json} and the user's files beside it. */
public record PlanDirectory(Path directory) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * Reads the plan; lists that it leaves out are empty.
   *
   * @throws BuildFailure {@code InvalidPlan}
   */
  public BuildPlan read() {
    Path file = directory.resolve("plan.json");
    BuildPlan plan;
    try {
      plan = JSON.readValue(file.toFile(), BuildPlan.class);
    } catch (IOException e) {
      throw invalid("cannot be read: " + firstLine(e.getMessage()), e);
    }
    require(plan != null, "is empty");
    require(plan.source() != null && plan.source().image() != null, "names no source image");
    require(plan.source().image().reference() != null, "names no image reference");
    require(plan.architecture() != null, "names no architecture");
    require(plan.kernel() != null && plan.kernel().name() != null, "names no kernel");
    require(plan.publish() != null && plan.publish().registry() != null, "names no target");
    require(plan.publish().registry().repository() != null, "names no target repository");
    return new BuildPlan(
        plan.name(),
        plan.architecture(),
        plan.source(),
        orEmpty(plan.files()),
        plan.program(),
        plan.args(),
        orEmpty(plan.env()),
        plan.workingDir(),
        plan.contents() == null ? "Minimal" : plan.contents(),
        orEmpty(plan.keep()),
        plan.kernel(),
        plan.publish(),
        orEmpty(plan.plainHttpRegistries()));
  }

  /** The content of one of the user's files. */
  public byte[] content(BuildPlan.File file) throws IOException {
    Path content = directory.resolve(String.valueOf(file.content())).normalize();
    if (!directory.normalize().equals(content.getParent()) || !Files.isRegularFile(content)) {
      throw invalid("names the content `%s`, which is not there".formatted(file.content()), null);
    }
    return Files.readAllBytes(content);
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw invalid(what, null);
    }
  }

  private static String firstLine(String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  private static BuildFailure invalid(String what, Exception cause) {
    return new BuildFailure(
        Code.InvalidPlan,
        "the build plan " + what,
        "this is a defect of the operator: report it with the UnikernelImage",
        cause);
  }
}
