package dev.unikernel.operator.status;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the framework is told after a pass: whether to write the status, when to come back, what to
 * throw. The status goes out on a blank object, so that server-side apply owns nothing else, and
 * only when it changed.
 */
public final class Reply {
  private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

  private Reply() {}

  /**
   * The reply after a pass that ran to its end. The status is written here: for a resource that is
   * gone by now this does nothing.
   *
   * @param blank makes an empty object of the kind
   * @param status the whole new status
   * @throws RuntimeException the cause of a {@link Outcome.Failed}, for the framework's retry
   */
  public static <S, P extends CustomResource<?, S>> UpdateControl<P> to(
      Outcome outcome, P primary, S status, Supplier<P> blank, Context<P> context) {
    if (outcome instanceof Outcome.Failed(RuntimeException cause)) {
      throw cause;
    }
    write(primary, status, blank, context);
    UpdateControl<P> reply = UpdateControl.noUpdate();
    outcome.after().ifPresent(reply::rescheduleAfter);
    return reply;
  }

  /**
   * The same after a throw: the status says so, and the framework's retry decides when. Where the
   * status cannot be written either, the retry writes it.
   */
  public static <S, P extends CustomResource<?, S>> ErrorStatusUpdateControl<P> toFault(
      P primary, S status, Supplier<P> blank, Context<P> context) {
    try {
      write(primary, status, blank, context);
    } catch (KubernetesClientException refused) {
      LOG.debug("The status of a failed pass was not written", refused);
    }
    return ErrorStatusUpdateControl.noStatusUpdate();
  }

  private static <S, P extends CustomResource<?, S>> void write(
      P primary, S status, Supplier<P> blank, Context<P> context) {
    try {
      changed(primary, status, blank)
          .ifPresent(context.resourceOperations()::serverSideApplyPrimaryStatus);
    } catch (KubernetesClientException refused) {
      if (Refusal.of(refused) != Refusal.GONE) {
        throw refused;
      }
    }
  }

  private static <S, P extends CustomResource<?, S>> Optional<P> changed(
      P primary, S status, Supplier<P> blank) {
    if (Objects.equals(primary.getStatus(), status)) {
      return Optional.empty();
    }
    P fresh = blank.get();
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(primary.getMetadata().getName())
            .withNamespace(primary.getMetadata().getNamespace())
            .build());
    fresh.setStatus(status);
    return Optional.of(fresh);
  }
}
