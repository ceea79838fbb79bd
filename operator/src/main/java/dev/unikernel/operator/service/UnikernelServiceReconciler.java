package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Step;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reply;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Keeps each UnikernelService's instances serving: observe, plan, apply, report. */
@ControllerConfiguration(
    name = "unikernelservices",
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 2_000,
    intervalMultiplier = 2,
    maxInterval = 300_000)
public class UnikernelServiceReconciler implements Reconciler<UnikernelService> {
  private static final int UNPROCESSABLE = 422;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);

  private final Backend backend;
  private final Story story;
  private final Clock clock;

  UnikernelServiceReconciler(Backend backend, Story story, Clock clock) {
    this.backend = backend;
    this.story = story;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, UnikernelService>> prepareEventSources(
      EventSourceContext<UnikernelService> context) {
    var sources = new ArrayList<>(backend.eventSources(context));
    sources.add(ServiceEventSources.images(context));
    sources.add(ServiceEventSources.services(context));
    return sources;
  }

  @Override
  public UpdateControl<UnikernelService> reconcile(
      UnikernelService service, Context<UnikernelService> context) {
    var now = clock.instant();
    var obstacle =
        Frontage.put(context)
            .or(
                () ->
                    backend
                        .unavailable(context)
                        .map(why -> new Outcome.Stalled(ServiceReason.BackendUnavailable, why)));
    if (obstacle.isPresent()) {
      return reply(
          service, ServiceReport.of(service, obstacle.get(), now), Optional.of(LOOK_AGAIN));
    }
    var image = context.getSecondaryResource(UnikernelImage.class);
    var target = Target.of(service, image);
    var pullSecret = Target.pullSecret(image).orElse(null);
    var seen = observe(service, target, now, context);
    var plan = Rollout.plan(seen);
    try {
      plan.steps().forEach(step -> apply(step, pullSecret, context));
    } catch (KubernetesClientException e) {
      return reply(service, refusal(service, e, now), Optional.of(AFTER_REFUSAL));
    }
    var after = plan.steps().isEmpty() ? seen : observe(service, target, clock.instant(), context);
    var report = ServiceReport.of(service, target, backend.name(), after);
    return reply(service, report, wait(plan, now));
  }

  @Override
  public ErrorStatusUpdateControl<UnikernelService> updateErrorStatus(
      UnikernelService service, Context<UnikernelService> context, Exception fault) {
    var cause = fault instanceof RuntimeException e ? e : new IllegalStateException(fault);
    var report = ServiceReport.of(service, new Outcome.Failed(cause), clock.instant());
    return Reply.toFault(service, report.status(), UnikernelService::new);
  }

  private Observation observe(
      UnikernelService service, Target target, Instant now, Context<UnikernelService> context) {
    return Observation.of(service, target, backend.observe(context), now);
  }

  private void apply(Step step, String pullSecret, Context<UnikernelService> context) {
    switch (step) {
      case Create create -> backend.create(create.launch(), pullSecret, context);
      case Drain drain -> backend.drain(drain.of(), clock.instant(), context);
      case Hold hold -> backend.hold(hold.of(), hold.until(), context);
      case Delete delete -> backend.delete(delete.of(), context);
    }
    story.tell(context.getPrimaryResource(), step);
  }

  /** A quota or a policy may give way; what the API server finds invalid stays so. */
  private static ServiceReport refusal(
      UnikernelService service, KubernetesClientException refused, Instant now) {
    var message = new Outcome.Failed(refused).message();
    Outcome outcome =
        switch (refused.getCode()) {
          case HttpURLConnection.HTTP_FORBIDDEN ->
              new Outcome.Waiting(ServiceReason.InstanceRefused, message);
          case UNPROCESSABLE, HttpURLConnection.HTTP_BAD_REQUEST ->
              new Outcome.Stalled(ServiceReason.InstanceRefused, message);
          default -> throw refused;
        };
    return ServiceReport.of(service, outcome, now);
  }

  private static Optional<Duration> wait(Plan plan, Instant now) {
    return plan.wakeAt().map(at -> Duration.between(now, at).plusMillis(1));
  }

  private UpdateControl<UnikernelService> reply(
      UnikernelService service, ServiceReport report, Optional<Duration> after) {
    story.tell(service, report);
    var reply = Reply.to(report.outcome(), service, report.status(), UnikernelService::new);
    after.ifPresent(reply::rescheduleAfter);
    return reply;
  }
}
