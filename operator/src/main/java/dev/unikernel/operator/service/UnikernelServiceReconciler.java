package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.decoding.Undecodable;
import dev.unikernel.operator.kube.InformerCache;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.RelevantEdit;
import dev.unikernel.operator.status.Reply;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Keeps each UnikernelService's instances serving: observe, plan, apply, report. */
@ControllerConfiguration(
    name = "unikernelservices",
    generationAwareEventProcessing = false,
    informer =
        @Informer(
            onUpdateFilter = RelevantEdit.class,
            itemStore = InformerCache.Store.class,
            informerListLimit = InformerCache.LIST_LIMIT),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
// A booting machine causes a dozen events; one pass answers several of them.
@RateLimited(maxReconciliations = 4, within = 2)
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 2_000,
    intervalMultiplier = 2,
    maxInterval = 300_000)
public class UnikernelServiceReconciler implements Reconciler<UnikernelService> {
  private final Backend backend;
  private final Steps steps;
  private final Story story;
  private final Clock clock;
  private final Sightings sightings = new Sightings();
  private final ImageUsers users = new ImageUsers();

  UnikernelServiceReconciler(Backend backend, Story story, Clock clock) {
    this.backend = backend;
    this.steps = new Steps(backend, story, clock);
    this.story = story;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, UnikernelService>> prepareEventSources(
      EventSourceContext<UnikernelService> context) {
    var sources = new ArrayList<>(backend.eventSources(context));
    sources.add(ServiceEventSources.images(context, users));
    sources.add(ServiceEventSources.services(context));
    return sources;
  }

  @Override
  public UpdateControl<UnikernelService> reconcile(
      UnikernelService service, Context<UnikernelService> context) {
    var now = clock.instant();
    var undecodable = Undecodable.outcome(service, ServiceReason.Invalid);
    if (undecodable.isPresent()) {
      return reply(
          service, ServiceReport.of(service, undecodable.get(), now), Stream.empty(), context);
    }
    users.note(service);
    var unavailable = backend.unavailable(context);
    if (unavailable.isPresent()) {
      Frontage.put(context);
      var stalled = new Outcome.Stalled(ServiceReason.BackendUnavailable, unavailable.get());
      return reply(service, ServiceReport.of(service, stalled, now), Stream.empty(), context);
    }
    var image = context.getSecondaryResource(UnikernelImage.class);
    var target = Target.of(service, image);
    var seen = observe(service, target, now, context);
    var plan = Rollout.plan(seen);
    backend.restore(context);
    var taken = steps.take(plan, seen, image, context);
    var obstacle = Frontage.put(context);
    var after = plan.steps().isEmpty() ? seen : observe(service, target, clock.instant(), context);
    var report =
        ServiceReport.of(
            service, target, backend.name(), after, taken.refused().or(() -> obstacle));
    return reply(
        service, report, Stream.concat(taken.again().stream(), wait(plan, now).stream()), context);
  }

  @Override
  public ErrorStatusUpdateControl<UnikernelService> updateErrorStatus(
      UnikernelService service, Context<UnikernelService> context, Exception fault) {
    var report = ServiceReport.of(service, Outcome.Failed.of(fault), clock.instant());
    return Reply.toFault(service, report.status(), UnikernelService::new, context);
  }

  private Observation observe(
      UnikernelService service, Target target, Instant now, Context<UnikernelService> context) {
    var instances = sightings.date(service, backend.observe(context), now);
    return Observation.of(service, target, instances, now);
  }

  private static Optional<Duration> wait(Plan plan, Instant now) {
    return plan.wakeAt().map(at -> Duration.between(now, at).plusMillis(1));
  }

  private UpdateControl<UnikernelService> reply(
      UnikernelService service,
      ServiceReport report,
      Stream<Duration> waits,
      Context<UnikernelService> context) {
    var untold = story.tell(service, report, clock.instant());
    var outcome = report.outcome();
    var reply = Reply.to(outcome, service, report.status(), UnikernelService::new, context);
    Stream.of(outcome.after().stream(), untold.stream(), waits)
        .flatMap(waiting -> waiting)
        .min(Comparator.naturalOrder())
        .ifPresent(reply::rescheduleAfter);
    return reply;
  }
}
