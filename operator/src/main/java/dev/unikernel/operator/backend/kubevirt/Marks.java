package dev.unikernel.operator.backend.kubevirt;

/** Annotations on a VirtualMachine that make it all the memory that we need. */
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
}
