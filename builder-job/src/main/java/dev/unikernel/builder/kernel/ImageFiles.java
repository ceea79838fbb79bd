package dev.unikernel.builder.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** Takes single files out of an OCI image, for kernel releases that are published as one. */
@FunctionalInterface
public interface ImageFiles {

  /**
   * Writes each wanted file that the image has below the directory, under its own name. Parent
   * directories are made where they are missing.
   *
   * @param reference {@code registry/repository:tag} or {@code @sha256:…}
   * @param wanted paths from the image's root, without a leading slash
   */
  void extract(String reference, Set<String> wanted, Path directory) throws IOException;
}
