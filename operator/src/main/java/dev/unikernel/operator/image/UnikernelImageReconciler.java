package dev.unikernel.operator.image;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.operator.decoding.Undecodable;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.kube.InformerCache;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Refusal;
import dev.unikernel.operator.status.RelevantEdit;
import dev.unikernel.operator.status.Reply;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Builds each UnikernelImage once per inputs: observe, plan, apply, report. */
@ControllerConfiguration(
    name = "unikernelimages",
    generationAwareEventProcessing = false,
    informer =
        @Informer(
            onUpdateFilter = RelevantEdit.class,
            itemStore = InformerCache.Store.class,
            informerListLimit = InformerCache.LIST_LIMIT),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 2_000,
    intervalMultiplier = 2,
    maxInterval = 300_000)
public class UnikernelImageReconciler implements Reconciler<UnikernelImage> {
  private static final Logger LOG = LoggerFactory.getLogger(UnikernelImageReconciler.class);
  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);

  /** An object that is being deleted is gone in seconds, and is not watched if it is not ours. */
  private static final Duration NAME_PATIENCE = Duration.ofSeconds(10);

  /** How long a sidecar may run on after the builder, before its pod is deleted. */
  private static final Duration SIDECAR_PATIENCE = Duration.ofSeconds(10);

  private final BuilderSettings settings;
  private final KernelCatalogue catalogue;
  private final GuestDns dns;
  private final Events events;
  private final Clock clock;
  private final ConfigMapUsers configMapUsers = new ConfigMapUsers();
  private final BuilderSlots slots;

  UnikernelImageReconciler(BuilderSettings settings, Events events, Clock clock) {
    this.settings = settings;
    this.catalogue = KernelCatalogue.read(settings.kernels());
    this.dns = GuestDns.read(settings.dns());
    this.events = events;
    this.clock = clock;
    this.slots = new BuilderSlots(settings.builder().maxConcurrent());
  }

  @Override
  public List<EventSource<?, UnikernelImage>> prepareEventSources(
      EventSourceContext<UnikernelImage> context) {
    var jobs = ImageEventSources.jobs(context);
    slots.startFrom(jobs, context.getPrimaryCache());
    return List.of(
        jobs,
        ImageEventSources.pods(context),
        ImageEventSources.refusals(context),
        ImageEventSources.missingDisks(context),
        ImageEventSources.configMaps(context, configMapUsers),
        configMapUsers,
        slots);
  }

  @Override
  public UpdateControl<UnikernelImage> reconcile(
      UnikernelImage image, Context<UnikernelImage> context) {
    configMapUsers.note(image);
    var undecodable = Undecodable.outcome(image, ImageReason.Invalid);
    if (undecodable.isPresent()) {
      slots.note(ResourceID.fromResource(image), BuilderSlots.Use.NONE);
      var report = ImageReport.of(image, undecodable.get(), clock.instant());
      tell(image, "the spec cannot be read", report);
      return Reply.to(report.outcome(), image, report.status(), UnikernelImage::new, context);
    }
    var seen = Observer.observe(image, context, catalogue, dns, settings, clock.instant());
    var plan = ImagePlan.of(seen, settings.builder());
    var started = start(image, plan, context);
    var report = ImageReport.of(seen, started.attempt(), started.obstacle());
    slots.note(ResourceID.fromResource(image), use(seen, started));
    tell(image, plan.rule(), report);
    var reply = Reply.to(report.outcome(), image, report.status(), UnikernelImage::new, context);
    if (seen.attempts().stream().anyMatch(attempt -> !attempt.keptBy().isEmpty())) {
      reply.rescheduleAfter(SIDECAR_PATIENCE);
    }
    return reply;
  }

  @Override
  public ErrorStatusUpdateControl<UnikernelImage> updateErrorStatus(
      UnikernelImage image, Context<UnikernelImage> context, Exception fault) {
    var failed = Outcome.Failed.of(fault);
    if (Refusal.of(failed.cause()) == Refusal.STALE) {
      return ErrorStatusUpdateControl.noStatusUpdate();
    }
    var report = ImageReport.of(image, failed, clock.instant());
    return Reply.toFault(image, report.status(), UnikernelImage::new, context);
  }

  /** What came of a plan's start: the attempt, or why there is none though one was wanted. */
  private record Started(Optional<Attempt> attempt, Optional<Outcome> obstacle) {}

  private Started start(UnikernelImage image, ImagePlan plan, Context<UnikernelImage> context) {
    try {
      tidy(plan, context);
      if (plan.start().isEmpty()) {
        return new Started(Optional.empty(), Optional.empty());
      }
      var line = slots.take(ResourceID.fromResource(image));
      return line.isPresent()
          ? new Started(Optional.empty(), line.map(UnikernelImageReconciler::queued))
          : new Started(Optional.of(create(plan.start().get(), context)), Optional.empty());
    } catch (KubernetesClientException e) {
      var job = plan.start().map(wanted -> wanted.job().getMetadata().getName()).orElse("");
      return new Started(Optional.empty(), Optional.of(refusal(e, job)));
    } catch (Applier.NameTaken e) {
      return new Started(
          Optional.empty(),
          Optional.of(
              e.passing()
                  ? new Outcome.Waiting(ImageReason.NameTaken, e.getMessage(), NAME_PATIENCE)
                  : new Outcome.Stalled(ImageReason.NameTaken, e.getMessage(), AFTER_REFUSAL)));
    }
  }

  /** Retires, sweeps, restores; each step may be repeated after a crash between any two. */
  private static void tidy(ImagePlan plan, Context<UnikernelImage> context) {
    var client = context.getClient();
    var namespace = context.getPrimaryResource().getMetadata().getNamespace();
    for (var job : plan.retire()) {
      client
          .batch()
          .v1()
          .jobs()
          .inNamespace(namespace)
          .withName(job)
          .withPropagationPolicy(DeletionPropagation.BACKGROUND)
          .delete();
    }
    plan.sweep().forEach(map -> client.resource(map).delete());
    plan.restore().ifPresent(map -> Applier.apply(context, map));
  }

  /** The plan before the Job that reads it; both may be there from an earlier try. */
  private Attempt create(BuilderJob wanted, Context<UnikernelImage> context) {
    Applier.apply(context, wanted.plan());
    var job = Applier.create(context, wanted.job());
    return Attempt.of(job, List.of(), Optional.empty(), null, clock.instant());
  }

  private static Outcome queued(BuilderSlots.Line line) {
    return new Outcome.Waiting(
        ImageReason.BuilderQueued,
        "The build waits for a builder slot: %d of %d run."
            .formatted(line.running(), line.slots()));
  }

  private static BuilderSlots.Use use(Observation seen, Started started) {
    if (started.obstacle().filter(o -> o.reason() == ImageReason.BuilderQueued).isPresent()) {
      return BuilderSlots.Use.WAITING;
    }
    var states =
        Stream.concat(started.attempt().stream(), seen.attempts().stream())
            .map(Attempt::state)
            .filter(Attempt.Underway.class::isInstance)
            .map(Attempt.Underway.class::cast)
            .toList();
    if (states.isEmpty()) {
      return BuilderSlots.Use.NONE;
    }
    return states.stream().allMatch(state -> state.reason().stuck())
        ? BuilderSlots.Use.STUCK
        : BuilderSlots.Use.RUNNING;
  }

  private static Outcome refusal(KubernetesClientException refused, String job) {
    var message = RefusalAdvice.of(new Outcome.Failed(refused).message(), job);
    return switch (Refusal.of(refused)) {
      case FORBIDDEN -> new Outcome.Waiting(ImageReason.BuilderRefused, message, AFTER_REFUSAL);
      case INVALID -> new Outcome.Stalled(ImageReason.BuilderRefused, message);
      case STALE, GONE, BAD_REQUEST, FAULT -> throw refused;
    };
  }

  private void tell(UnikernelImage image, String rule, ImageReport report) {
    var outcome = report.outcome();
    var changed = !said(image.getStatus()).equals(said(report.status()));
    LOG.atLevel(changed ? Level.INFO : Level.DEBUG)
        .addKeyValue("namespace", image.getMetadata().getNamespace())
        .addKeyValue("image", image.getMetadata().getName())
        .addKeyValue("reason", outcome.reason().name())
        .addKeyValue("rule", rule)
        .log(outcome.message());
    if (changed) {
      var type = ((ImageReason) outcome.reason()).eventType();
      events.record(image, type, outcome.reason(), outcome.message());
    }
  }

  private static Optional<String> said(UnikernelImageStatus status) {
    return status == null
        ? Optional.empty()
        : ConditionSet.find(status.conditions(), ConditionSet.READY).map(Condition::message);
  }
}
