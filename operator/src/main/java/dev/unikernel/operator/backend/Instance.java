package dev.unikernel.operator.backend;

import java.time.Duration;
import java.time.Instant;

/**
 * One instance as its back end sees it.
 *
 * @param revision what it was launched as
 * @param since when it entered this phase
 * @param occupies whether a guest of it runs or still may: it holds memory
 * @param serving whether traffic is let through to it once it is ready
 * @param guest how to boot another one like it; null when that is not known
 * @param attempt its place in a row of failures
 * @param ending how its guest ended; only when {@code FAILED} or {@code HELD}
 * @param address IP address, or null
 * @param location where it runs (a node), or null
 * @param carrier what of the back end's carries its traffic, by name, or null; for the back end
 * @param bootedAt when its guest began to run, or null
 * @param cause why it is not ready; null when it is
 */
public record Instance(
    String name,
    String revision,
    Phase phase,
    Instant since,
    boolean occupies,
    boolean serving,
    Guest guest,
    Attempt attempt,
    Ending ending,
    String address,
    String location,
    String carrier,
    Instant bootedAt,
    Cause cause) {

  /** Where an instance is in its life. */
  public enum Phase {
    /** Made, and never ready so far. */
    STARTING("Starting"),
    /** Answers. */
    READY("Ready"),
    /** Runs and was ready, and does not answer now. */
    NOT_READY("NotReady"),
    /** Taken out of traffic, to be deleted when the last answers are out. */
    DRAINING("Draining"),
    /** Its guest has ended, or cannot come to life. */
    FAILED("Failed"),
    /** Failed and switched off; its successor comes at {@link Ending#retryAt}. */
    HELD("BackOff"),
    /** Being deleted. */
    TERMINATING("Terminating");

    private final String word;

    Phase(String word) {
      this.word = word;
    }

    /** As users see it. */
    public String word() {
      return word;
    }
  }

  /**
   * How a guest ended.
   *
   * @param crashed by itself, rather than by the hand of the platform
   * @param retryAt when the successor may come; only for one that is held
   */
  public record Ending(Instant at, boolean crashed, Instant retryAt) {}

  /** Whether it is {@code READY} and has been for long enough at that time. */
  public boolean available(Instant now, Duration minReady) {
    return phase == Phase.READY && !since.plus(minReady).isAfter(now);
  }

  /** The number at the end of its name. */
  public int ordinal() {
    int ordinal = 0;
    int digits = 0;
    for (int i = name.lastIndexOf('-') + 1; i < name.length(); i++, digits++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9 || digits == 9) {
        return Integer.MAX_VALUE;
      }
      ordinal = 10 * ordinal + digit;
    }
    return digits == 0 ? Integer.MAX_VALUE : ordinal;
  }

  /** Whether its guest is over and it waits to be deleted or replaced. */
  public boolean over() {
    return phase == Phase.FAILED || phase == Phase.HELD;
  }

  /** How many guests of its row have ended by themselves, with its own. */
  public int failures() {
    return attempt.restarts() + (over() && ending.crashed() ? 1 : 0);
  }

  /** Whether the last of them was never let boot. */
  public boolean refused() {
    var last = over() ? cause : attempt.last();
    return last != null && last.reason().equals(Cause.REFUSED);
  }

  /** Whether it is on its way out. */
  public boolean leaving() {
    return phase == Phase.DRAINING || phase == Phase.TERMINATING;
  }
}
