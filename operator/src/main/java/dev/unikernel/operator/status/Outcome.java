package dev.unikernel.operator.status;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

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

  /** It stays as it is until a person changes something; the message says what. */
  record Stalled(Reason reason, String message, Optional<Duration> after) implements Outcome {

    /** The change will be an event, which the watches bring. */
    public Stalled(Reason reason, String message) {
      this(reason, message, Optional.empty());
    }

    /** The change may be where no watch shows it: looks again after this time. */
    public Stalled(Reason reason, String message, Duration after) {
      this(reason, message, Optional.of(after));
    }
  }

  /** A call failed that a retry can heal. */
  record Failed(RuntimeException cause) implements Outcome {
    /** How the API server refuses a field of a server-side apply that its schema does not have. */
    private static final Pattern UNKNOWN_FIELD =
        Pattern.compile("[.](status[^: ]*): field not declared in schema");

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
            ? answered(refused.getStatus().getMessage())
            : "The API server gave no answer (%s)."
                .formatted(innermost().getClass().getSimpleName());
      }
      return innermost() instanceof IOException fault
          ? "A connection failed (%s).".formatted(fault.getClass().getSimpleName())
          : Objects.requireNonNullElseGet(
              innermost().getMessage(), () -> innermost().getClass().getSimpleName());
    }

    private static String answered(String message) {
      var unknown = UNKNOWN_FIELD.matcher(message);
      return unknown.find()
          ? "The installed CRD does not know the field %s, since it is older than the operator. Ask your platform team to apply the CRDs of the operator's version."
              .formatted(unknown.group(1))
          : "The API server answered: " + message;
    }

    /** The innermost cause. Its message may contain the API server's address. */
    private Throwable innermost() {
      Throwable inner = cause;
      while (inner.getCause() != null) {
        inner = inner.getCause();
      }
      return inner;
    }
  }
}
