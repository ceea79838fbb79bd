package dev.unikernel.builder.registry;

import java.util.List;

/**
 * An image of one architecture.
 *
 * @param digest {@code sha256:…} that the reference led to: an index's where there is one
 * @param layers lowest first
 */
public record Manifest(String digest, Blob config, List<Blob> layers) {

  /**
   * A blob of a registry.
   *
   * @param digest {@code sha256:…}
   * @param size bytes as the manifest says
   */
  public record Blob(String digest, long size) {}
}
