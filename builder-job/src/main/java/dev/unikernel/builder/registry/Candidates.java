package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which entries of an index may be an image for Linux on one architecture, in the order in which
 * containerd takes them: those of the platform, the most general variant first, then those that do
 * not say what they are for. Machines differ in the variants that they can run, and the one that
 * pulls is not the one that boots.
 */
final class Candidates {
  private static final Map<String, String> ALIASES =
      Map.of("x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64");

  private Candidates() {}

  /**
   * One entry of an index.
   *
   * @param digest as it is written
   * @param known whether the index says that it is for the platform; else its configuration does
   */
  record Candidate(String digest, boolean known) {}

  static List<Candidate> of(JsonNode index, String architecture) {
    List<JsonNode> matching = new ArrayList<>();
    List<JsonNode> silent = new ArrayList<>();
    for (JsonNode entry : index.path("manifests")) {
      JsonNode platform = entry.path("platform");
      if (isAttestation(entry) || !entry.path("digest").isTextual()) {
        continue;
      }
      if (text(platform, "architecture").isEmpty()) {
        silent.add(entry);
      } else if (isFor(platform, architecture)) {
        matching.add(entry);
      }
    }
    matching.sort(Comparator.comparing(Candidates::variant));
    return Stream.concat(
            matching.stream().map(entry -> candidate(entry, true)),
            silent.stream().map(entry -> candidate(entry, false)))
        .toList();
  }

  /** Whether a platform, or an image's configuration, is of this architecture and for Linux. */
  static boolean isFor(JsonNode platform, String architecture) {
    String named = text(platform, "architecture").orElse("");
    return ALIASES.getOrDefault(named, named).equals(architecture)
        && text(platform, "os").orElse("linux").equals("linux");
  }

  private static Candidate candidate(JsonNode entry, boolean known) {
    return new Candidate(entry.path("digest").asText(), known);
  }

  /** What BuildKit puts beside each image about how it was built. */
  private static boolean isAttestation(JsonNode entry) {
    return entry.path("annotations").path("vnd.docker.reference.type").isTextual();
  }

  /** None, then v1, v2 and so on: their names are in order. */
  private static String variant(JsonNode entry) {
    return text(entry.path("platform"), "variant").orElse("");
  }

  private static Optional<String> text(JsonNode node, String field) {
    return Optional.of(node.path(field).asText("")).filter(text -> !text.isEmpty());
  }
}
