package dev.unikernel.images;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What both images stand on, lowest layer first: Debian's few files, then the Java runtime. */
record Base(List<FileEntriesLayer> layers) {

  private static final Path CACERTS = Path.of("lib/security/cacerts");
  private static final Path CERTIFICATES = Path.of("usr/share/ca-certificates");

  /**
   * @param debian the tree that {@code images/debian} makes
   * @param runtime the linked Java runtime
   * @param scratch a directory for what is made on the way
   */
  static Base of(Path debian, Path runtime, Path scratch) throws IOException {
    var cacerts = scratch.resolve("cacerts");
    TrustStore.write(cacerts, debian.resolve(CERTIFICATES));
    var java =
        Layers.tree("java", runtime, JavaRuntime.HOME, path -> !path.equals(CACERTS)).toBuilder()
            .addEntry(
                cacerts,
                AbsoluteUnixPath.get(JavaRuntime.HOME).resolve(CACERTS),
                FilePermissions.fromOctalString("644"))
            .build();
    return new Base(
        List.of(Layers.tree("debian", debian, "/", path -> !path.startsWith(CERTIFICATES)), java));
  }
}
