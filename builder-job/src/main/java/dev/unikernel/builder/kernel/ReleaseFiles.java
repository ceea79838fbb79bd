package dev.unikernel.builder.kernel;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Files of a kernel release, each checked against the catalogue.
 *
 * @param directory where they lie under their names
 * @param sha256 name, such as {@code klibs/tls}, to hex digest
 */
public record ReleaseFiles(Path directory, Map<String, String> sha256) {

  public ReleaseFiles {
    sha256 = Map.copyOf(sha256);
  }

  /** A file that was fetched. */
  public Path file(String name) {
    sha256(name);
    return directory.resolve(name);
  }

  /** The hex digest of a file that was fetched. */
  public String sha256(String name) {
    return Objects.requireNonNull(sha256.get(name), name);
  }
}
