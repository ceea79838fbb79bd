package dev.unikernel.operator.kube;

import dev.unikernel.operator.status.Refusal;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Writes secondary objects, and only those that the primary controls: an object of the same name
 * that has another controller, or none, is never taken for ours. The kind needs an informer event
 * source: what was written is in its cache at once.
 */
public final class Applier {

  private Applier() {}

  /**
   * Server-side apply, skipped while all fields that we own in the cached object are as desired. A
   * field that another client has changed is no longer ours, and so is taken back; what the API
   * server fills in, and what others add beside ours, never was ours.
   *
   * @throws NameTaken when another owner's object has the name
   */
  public static <R extends HasMetadata> R apply(Context<?> context, R desired) {
    var current = current(context, desired);
    if (current.isEmpty()) {
      var there = context.getClient().resource(desired).get();
      if (there != null && !Owned.controls(context.getPrimaryResource(), there)) {
        throw new NameTaken(context.getPrimaryResource(), there);
      }
    }
    return current
        .filter(
            known ->
                SSABasedGenericKubernetesResourceMatcher.<R>getInstance()
                    .matches(known, desired, context))
        .orElseGet(() -> context.resourceOperations().serverSideApply(desired));
  }

  /**
   * Creates an object that is never edited, under a name that says what is in it. One that is there
   * already, under the same controller, is the one that an earlier pass made.
   *
   * @throws NameTaken when another owner's object has the name
   */
  public static <R extends HasMetadata> R create(Context<?> context, R desired) {
    return create(context, desired, one -> context.getClient().resource(one).create());
  }

  /**
   * The same for a kind that is read by another model than it is written by.
   *
   * @param desired the object as it would be read; its metadata is complete
   * @param post creates it on the API server and returns it as read
   */
  public static <R extends HasMetadata> R create(
      Context<?> context, R desired, UnaryOperator<R> post) {
    try {
      return current(context, desired)
          .orElseGet(() -> context.resourceOperations().resourcePatch(desired, post));
    } catch (KubernetesClientException refused) {
      if (Refusal.of(refused) != Refusal.STALE) {
        throw refused;
      }
      var there = context.getClient().resource(desired).get();
      if (there == null) {
        throw refused;
      }
      if (!Owned.controls(context.getPrimaryResource(), there)) {
        throw new NameTaken(context.getPrimaryResource(), there);
      }
      return there;
    }
  }

  @SuppressWarnings("unchecked")
  private static <R extends HasMetadata> Optional<R> current(Context<?> context, R desired) {
    var id = ResourceID.fromResource(desired);
    return context.eventSourceRetriever().getEventSourcesFor((Class<R>) desired.getClass()).stream()
        .filter(Cache.class::isInstance)
        .flatMap(source -> ((Cache<R>) source).get(id).stream())
        .filter(known -> Owned.controls(context.getPrimaryResource(), known))
        .findFirst();
  }

  /** Another owner's object has the name that we need. */
  public static final class NameTaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /**
     * About the object that is in the way.
     *
     * @param primary who needs the name
     */
    public NameTaken(HasMetadata primary, HasMetadata holder) {
      super(message(primary, holder));
      this.passing = passing(primary, holder);
    }

    /**
     * Whether the name becomes free without the user: the object is being deleted, or its owner was
     * and Kubernetes has not collected it yet.
     */
    public boolean passing() {
      return passing;
    }

    private static boolean passing(HasMetadata primary, HasMetadata holder) {
      return holder.getMetadata().getDeletionTimestamp() != null
          || Owned.controller(holder).filter(one -> earlier(primary, one)).isPresent();
    }

    /** Of the same kind and name, and so deleted before the primary was made. */
    private static boolean earlier(HasMetadata primary, OwnerReference owner) {
      return owner.getKind().equals(primary.getKind())
          && owner.getName().equals(primary.getMetadata().getName());
    }

    private static String message(HasMetadata primary, HasMetadata holder) {
      var what = "%s %s".formatted(holder.getKind(), holder.getMetadata().getName());
      var owner = Owned.controller(holder);
      if (holder.getMetadata().getDeletionTimestamp() != null) {
        return what + " has the name that is needed, and is being deleted.";
      }
      if (owner.filter(one -> earlier(primary, one)).isPresent()) {
        return "%s belongs to an earlier %s %s, which was deleted. Kubernetes deletes it next."
            .formatted(what, owner.get().getKind(), owner.get().getName());
      }
      var holds =
          owner
              .map(one -> "belongs to %s %s".formatted(one.getKind(), one.getName()))
              .orElse("is not controlled by this " + primary.getKind());
      return "%s exists already and %s. Delete or rename it.".formatted(what, holds);
    }
  }
}
