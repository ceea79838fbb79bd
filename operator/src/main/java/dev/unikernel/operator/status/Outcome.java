package dev.unikernel.operator.status;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Optional;

/** How one pass over a resource ended. */
public sealed interface Outcome {

  /** The word for conditions, Events and logs. */
  Reason reason();

  /** The sentence for people. */
  String message();

  /** When to look again although nothing happened; empty: when something happens. */
  default Optional<Duration> after() {
    return Optional.empty();
  }

  /** What the user asked for is there. */
  record Steady(Reason reason, String message) implements Outcome {}

  /** On its way; it gets there without the user. */
  record Waiting(Reason reason, String message, Optional<Duration> after) implements Outcome {

    /** Waits for an event, which the watches bring. */
    public Waiting(Reason reason, String message) {
      this(reason, message, Optional.empty());
    }

    /** Waits for an event, and looks again after this time at the latest. */
    public Waiting(Reason reason, String message, Duration after) {
      this(reason, message, Optional.of(after));
    }
  }

  /** It stays as it is until somebody changes something; the message says what. */
  record Stalled(Reason reason, String message, Optional<Duration> after) implements Outcome {

    /** The change will be an event, which the watches bring. */
    public Stalled(Reason reason, String message) {
      this(reason, message, Optional.empty());
    }

    /** The change may be where nobody tells us: looks again after this time. */
    public Stalled(Reason reason, String message, Duration after) {
      this(reason, message, Optional.of(after));
    }
  }

  /** A call failed that a retry can heal. */
  record Failed(RuntimeException cause) implements Outcome {

    /** The fault as the framework hands it over: it wraps what a reconciler threw. */
    public static Failed of(Throwable fault) {
      for (var inner = fault; inner != null; inner = inner.getCause()) {
        if (inner instanceof KubernetesClientException refused) {
          return new Failed(refused);
        }
      }
      return new Failed(
          fault instanceof RuntimeException cause ? cause : new IllegalStateException(fault));
    }

    @Override
    public Reason reason() {
      return Reason.Shared.Retrying;
    }

    @Override
    public String message() {
      if (cause instanceof KubernetesClientException refused) {
        return refused.getStatus() != null && refused.getStatus().getMessage() != null
            ? "The API server answered: " + refused.getStatus().getMessage()
            : "The API server gave no answer: " + innermost();
      }
      return innermost();
    }

    /** In the words of whoever failed first. */
    private String innermost() {
      Throwable inner = cause;
      while (inner.getCause() != null) {
        inner = inner.getCause();
      }
      return inner.getMessage() == null ? inner.getClass().getSimpleName() : inner.getMessage();
    }
  }
}
