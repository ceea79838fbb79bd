package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;

/**
 * A JSON merge patch. It depends on no version of the object, so that it never collides with what
 * KubeVirt writes at the same moment; but where the uid is known, the API server holds it against
 * the object that has the name by then.
 */
final class MergePatch {
  private final ObjectNode patch = JsonNodeFactory.instance.objectNode();

  private MergePatch() {}

  /** A patch of this object that changes nothing yet. */
  static MergePatch of(HasMetadata object) {
    var patch = new MergePatch();
    if (object.getMetadata().getUid() != null) {
      patch.metadata().put("uid", object.getMetadata().getUid());
    }
    return patch;
  }

  MergePatch labels(Map<String, String> labels) {
    labels.forEach(metadata().withObject("/labels")::put);
    return this;
  }

  MergePatch withoutLabel(String name) {
    metadata().withObject("/labels").putNull(name);
    return this;
  }

  MergePatch annotation(String name, String value) {
    metadata().withObject("/annotations").put(name, value);
    return this;
  }

  MergePatch runStrategy(String strategy) {
    patch.withObject("/spec").put("runStrategy", strategy);
    return this;
  }

  String json() {
    return patch.toString();
  }

  private ObjectNode metadata() {
    return patch.withObject("/metadata");
  }
}
