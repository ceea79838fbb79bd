package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelImageStatus.Rebuild;
import dev.unikernel.operator.kube.Times;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * When a disk is built again although its inputs are published: the annotation asks for it, or a
 * service found that the registry no longer has the disk. Each demand is handled once; it stands in
 * the status until the build that it led to is published. Pure.
 */
final class Rebuilds {
  /** Annotation: every new value asks for a build, as Flux' {@code requestedAt} does. */
  static final String ANNOTATION = "unikernel.dev/rebuild";

  static final String REQUESTED = "Requested";
  static final String MISSING = "Missing";

  /**
   * The kubelet pulls again after five minutes at the latest: until then a service may speak of the
   * time before the rebuild.
   */
  static final Duration PULL_PATIENCE = Duration.ofMinutes(10);

  private Rebuilds() {}

  /**
   * What the status is to say, or null where there was never a demand.
   *
   * @param inputs {@code sha256:…} that is wanted
   */
  static Rebuild of(Observation seen, String inputs) {
    var old = old(seen);
    var asked = asked(seen);
    if (asked != null && !asked.equals(old.handled())) {
      return seen.status().inputs() == null
          ? new Rebuild(asked, null, null, null, null)
          : demand(seen, asked, REQUESTED, inputs);
    }
    var standing = old.reason() != null && inputs.equals(old.inputs());
    if (standing && isPending(old, inputs, seen.history())) {
      return old;
    }
    var lost = lost(seen, inputs);
    if (lost.isEmpty()) {
      return asked == null && old.handled() == null
          ? null
          : new Rebuild(old.handled(), null, null, null, null);
    }
    var answered = standing && MISSING.equals(old.reason());
    return answered && !overdue(lost.get(), seen)
        ? old
        : demand(seen, old.handled(), MISSING, inputs);
  }

  /** Whether the inputs still have to be built because of this demand. */
  static boolean isPending(Rebuild rebuild, String inputs, List<PastBuild> history) {
    return rebuild != null
        && rebuild.reason() != null
        && inputs.equals(rebuild.inputs())
        && history.stream()
            .filter(past -> inputs.equals(past.inputs()))
            .noneMatch(past -> builtSince(past, rebuild));
  }

  /** The published disk of these inputs that a service cannot pull. */
  private static Optional<PastBuild> lost(Observation seen, String inputs) {
    return seen.history().stream()
        .filter(past -> inputs.equals(past.inputs()))
        .findFirst()
        .filter(past -> past.artifact() != null)
        .filter(past -> seen.missing().containsKey(past.artifact().digest()));
  }

  private static boolean overdue(PastBuild past, Observation seen) {
    return Times.parse(past.builtAt())
        .filter(at -> at.plus(PULL_PATIENCE).isAfter(seen.now()))
        .isEmpty();
  }

  private static boolean builtSince(PastBuild past, Rebuild rebuild) {
    var since = Times.parse(rebuild.since());
    return since.isEmpty()
        || Times.parse(past.builtAt()).filter(at -> at.isAfter(since.get())).isPresent();
  }

  private static Rebuild demand(Observation seen, String handled, String reason, String inputs) {
    int after = seen.newest(inputs).map(Attempt::number).orElseGet(() -> lastKnown(seen, inputs));
    var since = seen.now().truncatedTo(ChronoUnit.MILLIS).toString();
    return new Rebuild(handled, reason, inputs, after, since);
  }

  /** The number of the last Job of these inputs, which may be gone. */
  private static int lastKnown(Observation seen, String inputs) {
    var build = seen.status().build();
    return build != null && build.job() != null && inputs.equals(seen.status().inputs())
        ? BuilderJob.number(build.job())
        : 0;
  }

  private static Rebuild old(Observation seen) {
    return Objects.requireNonNullElse(
        seen.status().rebuild(), new Rebuild(null, null, null, null, null));
  }

  private static String asked(Observation seen) {
    var annotations = seen.image().getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(ANNOTATION);
  }
}
