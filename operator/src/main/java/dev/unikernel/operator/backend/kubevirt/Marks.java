package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.HashMap;
import java.util.Map;

/**
 * Annotations that hold all that the operator remembers of an instance, and the labels by which
 * users and traffic find it.
 */
final class Marks {
  /** What its guest is, as JSON. */
  static final String GUEST = "unikernel.dev/guest";

  /** How many guests ended in its place before it, soon after they had booted. */
  static final String RESTARTS = "unikernel.dev/restarts";

  /** When the first of them was started. */
  static final String SINCE = "unikernel.dev/attempting-since";

  /** How the one before it ended. */
  static final String LAST = "unikernel.dev/last-ending";

  /** When it was taken out of traffic. */
  static final String DRAINING = "unikernel.dev/draining-since";

  /** When its guest ended. */
  static final String ENDED = "unikernel.dev/ended-at";

  /** How its guest ended. */
  static final String ENDING = "unikernel.dev/ending";

  /** Until when its successor waits. */
  static final String HELD = "unikernel.dev/held-until";

  private Marks() {}

  /** Labels of a machine, by what cannot be edited: its name and its controller. */
  static Map<String, String> labels(VirtualMachine machine) {
    var labels = new HashMap<String, String>();
    labels.put(Owned.MANAGED_BY, Owned.OPERATOR);
    Owned.controller(machine)
        .map(OwnerReference::getName)
        .ifPresent(service -> labels.put(Owned.SERVICE, service));
    labels.put(Owned.REVISION, Launch.revision(machine.getMetadata().getName()));
    return labels;
  }

  /** Labels of its launcher pod that the Service in front selects. */
  static Map<String, String> trafficLabels(VirtualMachine machine) {
    var labels = new HashMap<String, String>();
    labels.put(Owned.SERVING, "true");
    Owned.controller(machine)
        .map(OwnerReference::getName)
        .ifPresent(service -> labels.put(Owned.SERVICE, service));
    return labels;
  }
}
