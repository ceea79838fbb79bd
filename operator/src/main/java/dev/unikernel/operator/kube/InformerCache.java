package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How informers fill their caches: how many objects come at once, and, of objects that are read
 * whole, all but the record of who wrote which field. As nested maps that record is often larger
 * than the object.
 */
public final class InformerCache {
  /**
   * Objects in one answer of a list. They are decoded whole, all informers list at once at the
   * start, and a launcher pod has 37 KiB of JSON, and takes several times that once decoded.
   */
  public static final long LIST_LIMIT = 50;

  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private InformerCache() {}

  /** Of objects that are never compared with what the operator would apply. */
  public static void dropManagers(HasMetadata object) {
    keep(List.of(), object);
  }

  /** Of objects that the operator applies: it compares the fields that are its own. */
  public static void keepAppliers(HasMetadata object) {
    keep(
        object.getMetadata().getManagedFields().stream()
            .filter(entry -> "Apply".equals(entry.getOperation()))
            .toList(),
        object);
  }

  private static void keep(List<ManagedFieldsEntry> managers, HasMetadata object) {
    var meta = object.getMetadata();
    meta.setManagedFields(managers);
    if (meta.getAnnotations() != null && meta.getAnnotations().containsKey(LAST_APPLIED)) {
      meta.setAnnotations(
          meta.getAnnotations().entrySet().stream()
              .filter(annotation -> !annotation.getKey().equals(LAST_APPLIED))
              .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }
  }

  /** The store of the primary resources, which the framework makes itself. */
  public static final class Store<R extends HasMetadata> extends SparseStore<R> {
    public Store() {
      super(InformerCache::dropManagers);
    }
  }
}
