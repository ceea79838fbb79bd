package dev.unikernel.images;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;

/**
 * The Java runtime of both images: the modules that they need, linked from the JDK that runs us.
 */
final class JavaRuntime {

  /** Where it lies in an image. */
  static final String HOME = "/opt/java";

  /** What both programs need; a test holds this list against what their jars refer to. */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.security.jgss",
          "java.sql",
          "java.xml",
          "jdk.crypto.ec",
          "jdk.management",
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  /** Modules that some jar refers to in code that neither program reaches, each with the reason. */
  static final Map<String, String> NEVER_REACHED =
      Map.ofEntries(
          entry("java.compiler", "Vert.x compiles verticles given as source: there are none"),
          entry(
              "java.desktop", "Jackson, Micrometer and others look for java.beans and go without"),
          entry("java.rmi", "Jakarta Transactions names java.rmi in exceptions of an ORB"),
          entry("jdk.compiler", "Vert.x' code generator runs at build time"));

  private JavaRuntime() {}

  /** Links the runtime into a directory, unless the same one lies there already. */
  static Path in(Path directory) throws IOException {
    var identity = String.join(" ", Runtime.version().toString(), String.join(",", MODULES));
    var stamp = directory.resolveSibling(directory.getFileName() + ".made-of");
    if (Files.exists(stamp) && Files.readString(stamp).equals(identity)) {
      return directory;
    }
    Files.deleteIfExists(stamp);
    Trees.delete(directory);
    System.out.printf(
        "Linking a Java %s runtime of %d modules%n", Runtime.version().feature(), MODULES.size());
    run(
        "jlink",
        "--add-modules",
        String.join(",", MODULES),
        "--strip-debug",
        "--no-header-files",
        "--no-man-pages",
        "--generate-cds-archive",
        "--output",
        directory.toString());
    Files.writeString(stamp, identity);
    return directory;
  }

  private static void run(String tool, String... arguments) {
    var program =
        ToolProvider.findFirst(tool)
            .orElseThrow(
                () -> new IllegalStateException(tool + " is missing: run this under a JDK"));
    var code = program.run(System.out, System.err, arguments);
    if (code != 0) {
      throw new IllegalStateException(tool + " failed with exit code " + code);
    }
  }
}
