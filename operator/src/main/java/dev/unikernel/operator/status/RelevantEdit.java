package dev.unikernel.operator.status;

import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which edits of a resource start a pass: those of its spec, of its annotations and of its status.
 * The framework keeps back the operator's own writes of a status, so that an edit of one comes from
 * another client, and what that client took away is written again at once.
 */
public final class RelevantEdit implements OnUpdateFilter<CustomResource<?, ?>> {

  @Override
  public boolean accept(CustomResource<?, ?> now, CustomResource<?, ?> before) {
    var meta = now.getMetadata();
    var old = before.getMetadata();
    return !Objects.equals(meta.getGeneration(), old.getGeneration())
        || !Objects.equals(meta.getDeletionTimestamp(), old.getDeletionTimestamp())
        || !Objects.equals(meta.getAnnotations(), old.getAnnotations())
        || !Objects.equals(now.getStatus(), before.getStatus());
  }
}
