package dev.unikernel.builder;

import dev.unikernel.builder.plan.PlanDirectory;
import dev.unikernel.builder.registry.Logins;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.ReportFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Where the Job's pod puts things. Each place can be moved by an environment variable: {@code
 * PLAN_DIR}, {@code PULL_DIR}, {@code PUSH_DIR}, {@code WORK_DIR}, {@code TERMINATION_LOG}. {@code
 * REGISTRY_PATIENCE_SECONDS} says how long a registry may be out of reach, {@code
 * BUILD_TIMEOUT_SECONDS} how long the build may take from the builder's start on.
 *
 * @param pullSecret name of the Secret that the user asked for, or null
 * @param pushSecret likewise
 * @param timeout null where the build may take as long as it takes
 */
public record Environment(
    PlanDirectory plan,
    Path pull,
    Path push,
    Path work,
    ReportFile report,
    String pullSecret,
    String pushSecret,
    Duration patience,
    Duration timeout) {

  public static Environment of(Map<String, String> variables) {
    return new Environment(
        new PlanDirectory(Path.of(variables.getOrDefault("PLAN_DIR", "/plan"))),
        Path.of(variables.getOrDefault("PULL_DIR", "/pull")),
        Path.of(variables.getOrDefault("PUSH_DIR", "/push")),
        Path.of(variables.getOrDefault("WORK_DIR", "/work")),
        new ReportFile(Path.of(variables.getOrDefault("TERMINATION_LOG", "/dev/termination-log"))),
        variables.get("PULL_SECRET"),
        variables.get("PUSH_SECRET"),
        Duration.ofSeconds(
            Integer.parseInt(variables.getOrDefault("REGISTRY_PATIENCE_SECONDS", "30"))),
        variables.containsKey("BUILD_TIMEOUT_SECONDS")
            ? Duration.ofSeconds(Integer.parseInt(variables.get("BUILD_TIMEOUT_SECONDS")))
            : null);
  }

  public Logins pullLogins() throws IOException {
    return logins(pull, pullSecret, Code.PullRefused);
  }

  public Logins pushLogins() throws IOException {
    return logins(push, pushSecret, Code.PushRefused);
  }

  private static Logins logins(Path directory, String secret, Code code) throws IOException {
    Path file = directory.resolve(".dockerconfigjson");
    if (!Files.exists(file)) {
      if (secret == null) {
        return Logins.none();
      }
      throw unusable(secret, "does not exist or has no key .dockerconfigjson", code);
    }
    try {
      return Logins.parse(Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw unusable(secret, "is no registry login: " + e.getMessage(), code);
    }
  }

  private static BuildFailure unusable(String secret, String what, Code code) {
    return new BuildFailure(
        code,
        "Secret %s %s".formatted(secret, what),
        "create it in the image's namespace with `kubectl create secret docker-registry %s`"
            .formatted(secret));
  }
}
