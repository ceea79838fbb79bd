package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * Writes secondary objects. The kind needs an informer event source: what was written is in its
 * cache at once.
 */
public final class Applier {

  private Applier() {}

  /**
   * Server-side apply, skipped while all fields that we own in the cached object are as desired. A
   * field that somebody else has changed is no longer ours, and so is taken back; what the API
   * server fills in, and what others add beside ours, never was ours.
   */
  public static <R extends HasMetadata> R apply(Context<?> context, R desired) {
    return current(context, desired)
        .filter(
            known ->
                SSABasedGenericKubernetesResourceMatcher.<R>getInstance()
                    .matches(known, desired, context))
        .orElseGet(() -> context.resourceOperations().serverSideApply(desired));
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
