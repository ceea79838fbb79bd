package dev.unikernel.operator.decoding;

import static java.util.Objects.requireNonNullElse;

import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reason;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A resource whose spec this operator cannot read. It has no spec, and the reason in its place. */
public final class Undecodable {
  /** What both kinds mean by it. */
  public static final String MEANING =
      "The spec is not what this version of the operator can read; nothing was changed.";

  /**
   * An annotation of the object in memory only, which copies of it keep; what the API server holds
   * under this key is dropped.
   */
  private static final String WHY = "unikernel.dev/undecodable";

  private static final int LONGEST = 500;

  private Undecodable() {}

  /** How a pass over the resource ends, if its spec could not be read. */
  public static Optional<Outcome> outcome(CustomResource<?, ?> resource, Reason reason) {
    return resource.getSpec() != null
        ? Optional.empty()
        : Optional.of(
            new Outcome.Stalled(
                reason,
                "The operator cannot read this object: %s. Nothing was changed. Correct the field; if the installed CRD allows it, CRD and operator are of different versions, and the older one must be upgraded."
                    .formatted(why(resource))));
  }

  static void mark(CustomResource<?, ?> resource, String why) {
    var annotations = new LinkedHashMap<>(annotations(resource));
    annotations.put(WHY, why);
    resource.getMetadata().setAnnotations(annotations);
  }

  static void clear(CustomResource<?, ?> resource) {
    var annotations = new LinkedHashMap<>(annotations(resource));
    annotations.remove(WHY);
    resource.getMetadata().setAnnotations(annotations);
  }

  private static String why(CustomResource<?, ?> resource) {
    var why = annotations(resource).getOrDefault(WHY, "spec is missing");
    return why.length() <= LONGEST ? why : why.substring(0, LONGEST) + "…";
  }

  private static Map<String, String> annotations(CustomResource<?, ?> resource) {
    return requireNonNullElse(resource.getMetadata().getAnnotations(), Map.of());
  }
}
