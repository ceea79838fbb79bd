package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The builder: one program on a plain class path, and the Linux release that it boots from. */
final class BuilderImage {

  private static final String MAIN_CLASS = "dev.unikernel.builder.Builder";

  /** A build streams: most of the container's memory may be heap, and the heap stays small. */
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:MaxRAMPercentage=60",
          "-XX:-UsePerfData");

  private BuilderImage() {}

  static Image of(Path root, String version, Base base, LinuxRelease kernel) throws IOException {
    var target = root.resolve("builder-job/target");
    var layers = new ArrayList<FileEntriesLayer>(base.layers());
    layers.add(Layers.tree("linux", kernel.directory(), LinuxRelease.HOME));
    layers.add(Layers.files("libraries", classPath(target), "/app/lib"));
    layers.add(
        Layers.files(
            "builder", List.of(target.resolve("builder-job-" + version + ".jar")), "/app"));
    var entrypoint = new ArrayList<String>();
    entrypoint.add(JavaRuntime.HOME + "/bin/java");
    entrypoint.addAll(JVM);
    entrypoint.addAll(List.of("-cp", "/app/*:/app/lib/*", MAIN_CLASS));
    return new Image("builder", version, "Unikernel Operator: builder", layers, entrypoint);
  }

  /** The jars that it runs on, as Maven wrote them down in its target directory. */
  static List<Path> classPath(Path target) throws IOException {
    return Arrays.stream(
            Files.readString(target.resolve("classpath")).strip().split(File.pathSeparator))
        .map(Path::of)
        .toList();
  }
}
