package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What an informer keeps in memory: of the objects that matter, the fields that are read. An object
 * that does not matter yet, or any more, is as one that is not there.
 *
 * <p>Objects are trimmed in place. A trimmed copy would not do: the client queues the object itself
 * for the handlers of events, and at a start the queue holds all that was listed.
 */
public class SparseStore<R extends HasMetadata> extends TransformingItemStore<R> {
  private final Predicate<R> matters;
  private final Consumer<R> trim;

  /**
   * A store for one informer, whose objects all matter.
   *
   * @param trim takes from an object all that is not read; its name, namespace and resourceVersion
   *     stay
   */
  public SparseStore(Consumer<R> trim) {
    this(_ -> true, trim);
  }

  /** The same, where only some matter. */
  public SparseStore(Predicate<R> matters, Consumer<R> trim) {
    super(object -> object);
    this.matters = matters;
    this.trim = trim;
  }

  @Override
  public R put(String key, R object) {
    boolean kept = matters.test(object);
    trim.accept(object);
    compact(object.getMetadata());
    return kept ? super.put(key, object) : remove(key);
  }

  /** A decoded object has a map or list of its own also for what is empty. */
  private static void compact(ObjectMeta meta) {
    meta.setAdditionalProperties(Map.of());
    meta.setFinalizers(copy(meta.getFinalizers()));
    meta.setManagedFields(copy(meta.getManagedFields()));
    meta.setOwnerReferences(copy(meta.getOwnerReferences()));
    meta.getOwnerReferences().forEach(owner -> owner.setAdditionalProperties(Map.of()));
    meta.setLabels(copy(meta.getLabels()));
    meta.setAnnotations(copy(meta.getAnnotations()));
  }

  private static <T> List<T> copy(List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  private static Map<String, String> copy(Map<String, String> map) {
    return map == null ? Map.of() : Map.copyOf(map);
  }
}
