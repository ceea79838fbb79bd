package dev.unikernel.builder.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The mounted directory that holds {@code plan.json} and the user's files beside it. */
public record PlanDirectory(Path directory) {
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "arm64");
  private static final Set<String> CONTENTS = Set.of("Minimal", "All");

  /** An address, which may have a zone, or a domain. */
  private static final Pattern DNS_WORD = Pattern.compile("[-.:%_0-9A-Za-z]+");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
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
      throw invalid("cannot be read: " + reason(e), e);
    }
    require(plan != null, "is empty");
    BuildPlan whole =
        new BuildPlan(
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
            orEmpty(plan.plainHttpRegistries()),
            whole(plan.dns()));
    check(whole);
    return whole;
  }

  private static void check(BuildPlan plan) {
    require(plan.name() != null, "does not say what it builds: it has no name");
    require(plan.source() != null && plan.source().image() != null, "names no source image");
    require(plan.source().image().reference() != null, "names no image reference");
    require(plan.architecture() != null, "names no architecture");
    require(ARCHITECTURES.contains(plan.architecture()), "is for " + plan.architecture());
    require(CONTENTS.contains(plan.contents()), "wants the contents " + plan.contents());
    require(isAbsolute(plan.program()), "starts " + plan.program());
    require(isAbsolute(plan.workingDir()), "works in " + plan.workingDir());
    require(noneNull(plan.args()), "has an argument that is null");
    require(noneNull(plan.keep()), "has a keep pattern that is null");
    require(noneNull(plan.plainHttpRegistries()), "has a plain HTTP registry that is null");
    for (BuildPlan.EnvVar variable : plan.env()) {
      require(variable != null && variable.name() != null, "has a variable without name");
    }
    for (BuildPlan.File file : plan.files()) {
      require(file != null && file.path() != null, "has a file without path");
      require(isAbsolute(file.path()), "puts a file at " + file.path());
      require(file.content() != null, "names no content of " + file.path());
    }
    check(plan.dns());
    check(plan.kernel());
    require(plan.publish() != null && plan.publish().registry() != null, "names no target");
    require(plan.publish().registry().repository() != null, "names no target repository");
  }

  private static BuildPlan.Dns whole(BuildPlan.Dns dns) {
    return dns == null
        ? null
        : new BuildPlan.Dns(orEmpty(dns.nameServers()), orEmpty(dns.searches()));
  }

  /** They become lines of a file. */
  private static void check(BuildPlan.Dns dns) {
    if (dns != null) {
      require(!dns.nameServers().isEmpty(), "has dns without name servers");
      for (String word :
          Stream.of(dns.nameServers(), dns.searches()).flatMap(List::stream).toList()) {
        require(word != null && DNS_WORD.matcher(word).matches(), "has dns with `" + word + "`");
      }
    }
  }

  private static void check(BuildPlan.KernelRelease kernel) {
    require(kernel != null && kernel.name() != null, "names no kernel");
    require(kernel.version() != null, "names no version of kernel " + kernel.name());
    long places =
        Stream.of(kernel.directory(), kernel.url(), kernel.image())
            .filter(Objects::nonNull)
            .count();
    require(places == 1, "names %d places of kernel %s".formatted(places, kernel.name()));
    require(kernel.files() != null, "names no files of kernel " + kernel.name());
    kernel
        .files()
        .forEach(
            (file, sha256) -> require(sha256 != null, "names no digest of kernel file " + file));
    require(noneNull(kernel.klibs()), "has a klib that is null");
  }

  private static boolean isAbsolute(String path) {
    return path == null || path.startsWith("/");
  }

  private static boolean noneNull(List<String> list) {
    return list == null || list.stream().noneMatch(Objects::isNull);
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

  private static String reason(IOException failure) {
    return switch (failure) {
      case UnrecognizedPropertyException unknown ->
          "the builder knows no field " + unknown.getPropertyName();
      case JsonProcessingException broken -> broken.getOriginalMessage();
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static BuildFailure invalid(String what, Exception cause) {
    return new BuildFailure(
        Code.InvalidPlan,
        "the build plan " + what,
        "this is a defect of the operator: report it with the UnikernelImage",
        cause);
  }
}
