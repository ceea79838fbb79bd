package dev.unikernel.operator.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.plan.BuildPlan;
import dev.unikernel.operator.kube.Digest;
import java.util.List;
import java.util.SortedMap;

/**
 * All that decides what a build makes. Two builds with the same digest make the same disk, as long
 * as the source's tag is not moved in between; how long a build may take, where it runs and with
 * which login is not in it.
 *
 * @param plan what the builder is told
 * @param texts the user's files that are text, by the name that the plan gives them
 * @param binaries the others, in base64
 * @param digest {@code sha256:…} over everything that matters, and nothing else
 */
record BuildInputs(
    BuildPlan plan,
    SortedMap<String, String> texts,
    SortedMap<String, String> binaries,
    String digest) {

  private static final int SHORT = 10;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  /**
   * The inputs with their digest.
   *
   * @param builderImage the builder's container image, which decides too
   */
  static BuildInputs of(
      BuildPlan plan,
      SortedMap<String, String> texts,
      SortedMap<String, String> binaries,
      String builderImage) {
    var kernel = plan.kernel();
    var essence =
        new BuildPlan(
            null,
            plan.architecture(),
            plan.source(),
            plan.files(),
            plan.program(),
            plan.args(),
            plan.env(),
            plan.workingDir(),
            plan.contents(),
            plan.keep(),
            new BuildPlan.KernelRelease(
                kernel.name(), kernel.version(), null, null, null, kernel.files(), kernel.klibs()),
            plan.publish(),
            null,
            plan.dns());
    var digest = Digest.sha256(json(List.of(essence, texts, binaries, builderImage)));
    return new BuildInputs(plan, texts, binaries, "sha256:" + digest);
  }

  /** The digest's first ten hex digits: for names and tags. */
  String shortDigest() {
    return shorten(digest());
  }

  static String shorten(String digest) {
    return digest.substring("sha256:".length()).substring(0, SHORT);
  }

  /** {@code plan.json}: the plan with the tag that the build writes. */
  String planJson() {
    var registry = plan.publish().registry();
    return json(
        new BuildPlan(
            plan.name(),
            plan.architecture(),
            plan.source(),
            plan.files(),
            plan.program(),
            plan.args(),
            plan.env(),
            plan.workingDir(),
            plan.contents(),
            plan.keep(),
            plan.kernel(),
            new BuildPlan.Publish(new BuildPlan.Registry(registry.repository(), shortDigest())),
            plan.plainHttpRegistries(),
            plan.dns()));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A build plan that is no JSON", e);
    }
  }
}
