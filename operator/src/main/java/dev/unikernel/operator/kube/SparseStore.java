package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What an informer keeps in memory: of the objects that matter, the fields that are read. An object
 * that does not matter yet, or any more, is as one that is not there.
 */
public final class SparseStore<R extends HasMetadata> extends TransformingItemStore<R> {
  private final Predicate<R> matters;

  /**
   * A store for one informer.
   *
   * @param trimmed a new object with the fields that are read; name, namespace and resourceVersion
   *     are kept without it
   */
  public SparseStore(Predicate<R> matters, UnaryOperator<R> trimmed) {
    super(trimmed);
    this.matters = matters;
  }

  @Override
  public R put(String key, R object) {
    return matters.test(object) ? super.put(key, object) : remove(key);
  }
}
