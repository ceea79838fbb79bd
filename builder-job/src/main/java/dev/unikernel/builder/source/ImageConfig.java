package dev.unikernel.builder.source;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an image says about running it, from its configuration blob (OCI image-spec, config.md;
 * Docker's is the same). Absent lists are empty, absent texts too.
 *
 * @param architecture as in GOARCH
 * @param environment in the image's order
 * @param diffIds {@code sha256:…} of each layer's uncompressed tar, lowest first
 */
public record ImageConfig(
    String architecture,
    List<String> entrypoint,
    List<String> command,
    Map<String, String> environment,
    String workingDirectory,
    String user,
    List<String> volumes,
    List<String> diffIds) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  static ImageConfig parse(byte[] json, String image) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (IOException e) {
      throw unreadable(image, e);
    }
    JsonNode config = root.path("config");
    return new ImageConfig(
        root.path("architecture").asText(""),
        texts(config.path("Entrypoint")),
        texts(config.path("Cmd")),
        environment(texts(config.path("Env"))),
        config.path("WorkingDir").asText(""),
        config.path("User").asText(""),
        names(config.path("Volumes")),
        texts(root.path("rootfs").path("diff_ids")));
  }

  private static BuildFailure unreadable(String image, Exception cause) {
    return new BuildFailure(
        Code.SourceCorrupt,
        "the configuration of %s is no JSON".formatted(image),
        "build and push the image again",
        cause);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText("")));
    return List.copyOf(texts);
  }

  private static List<String> names(JsonNode map) {
    List<String> names = new ArrayList<>();
    map.fieldNames().forEachRemaining(names::add);
    return List.copyOf(names);
  }

  private static Map<String, String> environment(List<String> assignments) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals > 0) {
        environment.put(assignment.substring(0, equals), assignment.substring(equals + 1));
      }
    }
    return environment;
  }
}
