package dev.unikernel.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The release of the {@code linux} kernel that the builder image carries.
 *
 * @param directory what {@code builder-job/kernels/linux/release.sh} made
 * @param files hex SHA-256 of each file that boots, by its path in the directory
 */
record LinuxRelease(Path directory, String version, Map<String, String> files) {

  /** Where it lies in the image. */
  static final String HOME = "/kernels/linux";

  private static final Set<String> BESIDE = Set.of("VERSION", "SHA256SUMS", "copyright");
  private static final Path VERSION = Path.of("VERSION");

  static LinuxRelease in(Path directory) throws IOException {
    var files = new LinkedHashMap<String, String>();
    for (var file : Trees.files(directory)) {
      if (!BESIDE.contains(file.getFileName().toString())) {
        files.put(directory.relativize(file).toString(), sha256(file));
      }
    }
    return new LinuxRelease(directory, Files.readString(directory.resolve(VERSION)).strip(), files);
  }

  /** Its entry in the operator's kernel catalogue. */
  Map<String, Object> catalogueEntry() {
    var entry = new LinkedHashMap<String, Object>();
    entry.put("name", "linux");
    entry.put("version", version);
    entry.put("default", true);
    entry.put("directory", HOME);
    entry.put("files", files);
    return entry;
  }

  private static String sha256(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
