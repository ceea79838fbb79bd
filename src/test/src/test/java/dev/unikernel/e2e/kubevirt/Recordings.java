package dev.unikernel.e2e.kubevirt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.e2e.DevCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * What a real KubeVirt 1.9 did, recorded: one folder per scenario, in it a watch stream per kind.
 */
record Recordings(Path directory) {

  static Recordings find() {
    Path directory =
        DevCluster.SCRIPTS.resolve("../../../../shared/data/kubevirt-recorded").normalize();
    assumeTrue(
        Files.isDirectory(directory),
        "the recordings of a real KubeVirt are not on this machine: " + directory);
    return new Recordings(directory);
  }

  List<String> scenarios() {
    try (Stream<Path> folders = Files.list(directory)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The objects of one kind (vm, vmi, pod, ...) as they changed, deletions left out. */
  List<JsonNode> stream(String scenario, String kind) {
    ObjectMapper json = new ObjectMapper();
    Path file = directory.resolve(scenario).resolve(kind + ".jsonl.gz");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> read(json, line))
          .filter(event -> !event.path("type").asText().equals("DELETED"))
          .map(event -> event.get("object"))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static JsonNode read(ObjectMapper json, String line) {
    try {
      return json.readTree(line);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
