package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * Writes secondary objects. The kind needs an informer event source: what was written is in its
 * cache at once.
 */
public final class Applier {

  /** Annotation: hash of what was last applied. */
  public static final String APPLIED = "unikernel.dev/applied";

  private static final int HASH_LENGTH = 16;

  private Applier() {}

  /** Server-side apply, skipped when the same was applied before. */
  public static <R extends HasMetadata> R apply(Context<?> context, R desired) {
    var hash = Digest.sha256(Serialization.asJson(desired)).substring(0, HASH_LENGTH);
    var current = current(context, desired);
    if (current
        .filter(known -> hash.equals(known.getMetadata().getAnnotations().get(APPLIED)))
        .isPresent()) {
      return current.get();
    }
    desired.getMetadata().getAnnotations().put(APPLIED, hash);
    return context.resourceOperations().serverSideApply(desired);
  }

  /**
   * Creates an object that is never edited, under a name that says what is in it. One that is there
   * already is the one that an earlier pass made.
   *
   * @throws NameTaken when it belongs to somebody else
   */
  public static <R extends HasMetadata> R create(Context<?> context, R desired) {
    var owner = context.getPrimaryResource();
    try {
      return current(context, desired)
          .orElseGet(() -> context.resourceOperations().create(desired));
    } catch (KubernetesClientException refused) {
      if (refused.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw refused;
      }
      var there = context.getClient().resource(desired).get();
      if (there == null || !Owned.controls(owner, there)) {
        throw new NameTaken(desired);
      }
      return there;
    }
  }

  @SuppressWarnings("unchecked")
  private static <R extends HasMetadata> Optional<R> current(Context<?> context, R desired) {
    return context
        .getSecondaryResourcesAsStream((Class<R>) desired.getClass())
        .filter(known -> known.getMetadata().getName().equals(desired.getMetadata().getName()))
        .filter(
            known ->
                known.getMetadata().getNamespace().equals(desired.getMetadata().getNamespace()))
        .findFirst();
  }

  /** Somebody else's object has the name that we need. */
  public static final class NameTaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** About the object that cannot be made. */
    public NameTaken(HasMetadata desired) {
      super(
          "%s %s exists and is not ours. Delete or rename it."
              .formatted(desired.getKind(), desired.getMetadata().getName()));
    }
  }
}
