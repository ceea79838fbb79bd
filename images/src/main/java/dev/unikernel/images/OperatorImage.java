package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The operator: Quarkus' fast-jar, its libraries in a layer of their own. */
final class OperatorImage {

  private static final Path LIBRARIES = Path.of("lib");

  /**
   * An operator waits for events: a small heap, one collector thread, and code compiled quickly
   * rather than best. It dies when memory ends, so that the kubelet starts it again.
   */
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-XX:MaxRAMPercentage=50",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-UsePerfData",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");

  private OperatorImage() {}

  static Image of(Path root, String version, Base base) throws IOException {
    var app = root.resolve("operator/target/quarkus-app");
    var layers = new ArrayList<FileEntriesLayer>(base.layers());
    layers.add(Layers.tree("libraries", app, "/app", path -> path.startsWith(LIBRARIES)));
    layers.add(Layers.tree("operator", app, "/app", path -> !path.startsWith(LIBRARIES)));
    var entrypoint = new ArrayList<String>();
    entrypoint.add(JavaRuntime.HOME + "/bin/java");
    entrypoint.addAll(JVM);
    entrypoint.addAll(List.of("-jar", "/app/quarkus-run.jar"));
    return new Image("operator", version, "Unikernel Operator", layers, entrypoint);
  }
}
