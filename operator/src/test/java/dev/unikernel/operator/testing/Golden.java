package dev.unikernel.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.testing.RealApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/**
 * Files that say what is expected. {@code -Dgolden.write} writes them again, for a person to read
 * the difference.
 */
public final class Golden {
  private Golden() {}

  /** Compares with a file below {@code src/test/resources}. */
  public static void assertMatches(String actual, String name) {
    var file = RealApiServer.repository().resolve("operator/src/test/resources").resolve(name);
    try {
      if (System.getProperty("golden.write") != null) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, actual);
      }
      assertThat(actual).as(name).isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
