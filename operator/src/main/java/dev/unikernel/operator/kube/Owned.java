package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How the operator marks its objects: labels to find them by, and the owner that they are deleted
 * with.
 */
public final class Owned {
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String OPERATOR = "unikernel-operator";

  /** Labels. */
  public static final String IMAGE = "unikernel.dev/image";

  public static final String SERVICE = "unikernel.dev/service";
  public static final String REVISION = "unikernel.dev/revision";
  public static final String SERVING = "unikernel.dev/serving";

  /** The longest label value, and the longest name of what becomes one. */
  public static final int LABEL_MAX = 63;

  private static final int SHORT_HASH = 8;

  private Owned() {}

  /** Metadata of an object in the owner's namespace, controlled by it and labelled as ours. */
  public static ObjectMeta meta(HasMetadata owner, String name, Map<String, String> labels) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(owner.getMetadata().getNamespace())
        .addToLabels(MANAGED_BY, OPERATOR)
        .addToLabels(labels)
        .withOwnerReferences(by(owner))
        .build();
  }

  /** The reference that makes {@code owner} the controller. */
  public static OwnerReference by(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  /** Whether {@code owner} controls {@code object}. */
  public static boolean controls(HasMetadata owner, HasMetadata object) {
    return controller(object)
        .filter(reference -> Objects.equals(reference.getUid(), owner.getMetadata().getUid()))
        .isPresent();
  }

  /** The reference to the object's controller, if it has one. */
  public static Optional<OwnerReference> controller(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(reference -> Boolean.TRUE.equals(reference.getController()))
        .findFirst();
  }

  /** The name itself, or where it is longer than {@code max}, its beginning and a hash of all. */
  public static String shortened(String name, int max) {
    if (name.length() <= max) {
      return name;
    }
    var kept = name.substring(0, max - SHORT_HASH - 1).replaceAll("[.-]+$", "");
    return kept + "-" + Digest.sha256(name).substring(0, SHORT_HASH);
  }
}
