package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The operator: Quarkus' fast-jar, its libraries in a layer of their own. */
final class OperatorImage {

  private static final Path LIBRARIES = Path.of("lib");

  private OperatorImage() {}

  static Image of(Path root, String version, Base base) throws IOException {
    var app = root.resolve("operator/target/quarkus-app");
    var layers = new ArrayList<FileEntriesLayer>(base.layers());
    layers.add(Layers.tree("libraries", app, "/app", path -> path.startsWith(LIBRARIES)));
    layers.add(Layers.tree("operator", app, "/app", path -> !path.startsWith(LIBRARIES)));
    var entrypoint = new ArrayList<String>();
    entrypoint.add(JavaRuntime.HOME + "/bin/java");
    entrypoint.addAll(jvmOptions(root.resolve("operator/jvm.options")));
    entrypoint.addAll(List.of("-jar", "/app/quarkus-run.jar"));
    return new Image("operator", version, "Unikernel Operator", layers, entrypoint);
  }

  /** One option a line, and comments. */
  private static List<String> jvmOptions(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }
}
