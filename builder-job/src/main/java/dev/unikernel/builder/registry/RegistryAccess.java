package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import dev.unikernel.builder.BuildFailure;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How registries are reached.
 *
 * @param plainHttp {@code host:port} values that may be spoken to without TLS
 * @param patience how long a registry may be out of reach before the build gives up
 * @param log takes a line when something is tried again
 */
public record RegistryAccess(
    Set<String> plainHttp, Logins logins, Duration patience, Consumer<String> log) {

  public RegistryAccess {
    plainHttp = Set.copyOf(plainHttp);
  }

  /** What a reference names: a repository and, in it, a tag or digest. */
  public record Place(Repository repository, String qualifier) {}

  /**
   * Parses {@code registry/name:tag}, {@code registry/name@sha256:…} or a Docker Hub short form.
   */
  public Place open(String reference, Purpose purpose) {
    try {
      ImageReference parsed = ImageReference.parse(reference);
      String qualifier = parsed.getDigest().or(parsed::getTag).orElseThrow();
      return new Place(
          Repository.open(parsed.getRegistry(), parsed.getRepository(), purpose, this), qualifier);
    } catch (InvalidImageReferenceException e) {
      throw new BuildFailure(
          purpose.refused,
          "`%s` is no image reference".formatted(reference),
          "write it as registry/name:tag or registry/name@sha256:…",
          e);
    }
  }
}
