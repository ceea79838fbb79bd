package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The committed CRD files say what the records say; {@code -Dcrds.update} writes them anew. */
class CrdFilesTest {
  @TestFactory
  Stream<DynamicTest> committedFilesAreUpToDate() {
    return CrdFiles.directories().stream()
        .flatMap(
            directory ->
                CrdFiles.generated().entrySet().stream()
                    .map(
                        file -> {
                          Path path = directory.resolve(file.getKey());
                          return DynamicTest.dynamicTest(
                              RealApiServer.repository().relativize(path).toString(),
                              () -> check(path, file.getValue()));
                        }));
  }

  @Test
  void generationIsDeterministic() {
    assertThat(CrdFiles.generated()).isEqualTo(CrdFiles.generated());
  }

  private static void check(Path path, String expected) throws IOException {
    if (System.getProperty("crds.update") != null) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, expected);
    }
    assertThat(Files.exists(path) ? Files.readString(path) : "")
        .as("%s is stale: run `%s` and commit the result", path, CrdFiles.UPDATE_COMMAND)
        .isEqualTo(expected);
  }
}
