package dev.unikernel.operator.backend;

import dev.unikernel.api.UnikernelService;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What runs guests. Every change may be asked for twice and then happens once; what was changed is
 * seen by the next {@link #observe}. Calls throw what the API server answers.
 */
public interface Backend {

  /** As in {@code spec.placement} and the status. */
  String name();

  /** What can be watched from the start. */
  List<EventSource<?, UnikernelService>> eventSources(EventSourceContext<UnikernelService> context);

  /** A sentence on why nothing can run here now, and what to do; asked before everything else. */
  Optional<String> unavailable(Context<UnikernelService> context);

  /** All instances of the service, in any order. */
  List<Instance> observe(Context<UnikernelService> context);

  /** The Secret that instances of this revision were created with to pull their image, if any. */
  Optional<String> pullSecret(String revision, Context<UnikernelService> context);

  /** Puts back what others have changed of the labels by which instances are found. */
  void restore(Context<UnikernelService> context);

  /**
   * Boots a guest.
   *
   * @param pullSecret the Secret that opens the image's registry, or null
   */
  void create(Launch launch, String pullSecret, Context<UnikernelService> context);

  /** Takes it out of traffic and remembers when. */
  void drain(Instance instance, Instant now, Context<UnikernelService> context);

  /** Lets traffic through to it again. */
  void readmit(Instance instance, Context<UnikernelService> context);

  /** Switches it off, and remembers until when its successor waits. */
  void hold(Instance instance, Instant until, Context<UnikernelService> context);

  /** Deletes it; one that is gone already is fine. */
  void delete(Instance instance, Context<UnikernelService> context);
}
