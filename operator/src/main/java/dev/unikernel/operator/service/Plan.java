package dev.unikernel.operator.service;

import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What to do now, in this order, and when time alone changes the answer.
 *
 * @param wakeAt the earliest moment at which another step falls due
 */
public record Plan(List<Step> steps, Optional<Instant> wakeAt) {

  public Plan {
    steps = List.copyOf(steps);
  }

  /** One change. Doing it twice is doing it once. */
  public sealed interface Step {

    /** The instance that changes. */
    String instance();

    /** A part of a sentence, for Events and logs. */
    String why();
  }

  /**
   * Boot another instance.
   *
   * @param replaces the one whose place it takes, if it takes one
   */
  public record Create(Launch launch, Optional<Instance> replaces, String why) implements Step {
    @Override
    public String instance() {
      return launch.name();
    }
  }

  /** Take a ready instance out of traffic, so that the next step can delete it unseen. */
  public record Drain(Instance of, String why) implements Step {
    @Override
    public String instance() {
      return of.name();
    }
  }

  /** Let traffic through again to an instance that lost its place in it. */
  public record Readmit(Instance of, String why) implements Step {
    @Override
    public String instance() {
      return of.name();
    }
  }

  /** Switch a failed instance off until its successor may come. */
  public record Hold(Instance of, Instant until, String why) implements Step {
    @Override
    public String instance() {
      return of.name();
    }
  }

  /** Delete an instance that serves no traffic. */
  public record Delete(Instance of, String why) implements Step {
    @Override
    public String instance() {
      return of.name();
    }
  }
}
