package dev.unikernel.operator.image;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.operator.decoding.Undecodable;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Reply;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Builds each UnikernelImage once per inputs: observe, plan, apply, report. */
@ControllerConfiguration(
    name = "unikernelimages",
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 2_000,
    intervalMultiplier = 2,
    maxInterval = 300_000)
public class UnikernelImageReconciler implements Reconciler<UnikernelImage> {
  private static final Logger LOG = LoggerFactory.getLogger(UnikernelImageReconciler.class);
  private static final int UNPROCESSABLE = 422;
  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);

  private final BuilderSettings settings;
  private final KernelCatalogue catalogue;
  private final GuestDns dns;
  private final Events events;
  private final Clock clock;

  UnikernelImageReconciler(BuilderSettings settings, Events events, Clock clock) {
    this.settings = settings;
    this.catalogue = KernelCatalogue.read(settings.kernels());
    this.dns = GuestDns.read(settings.dns());
    this.events = events;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, UnikernelImage>> prepareEventSources(
      EventSourceContext<UnikernelImage> context) {
    return ImageEventSources.of(context);
  }

  @Override
  public UpdateControl<UnikernelImage> reconcile(
      UnikernelImage image, Context<UnikernelImage> context) {
    var undecodable = Undecodable.outcome(image, ImageReason.Invalid);
    if (undecodable.isPresent()) {
      var report = ImageReport.of(image, undecodable.get(), clock.instant());
      tell(image, "the spec cannot be read", report);
      return Reply.to(report.outcome(), image, report.status(), UnikernelImage::new);
    }
    var seen = Observer.observe(image, context, catalogue, dns, settings, clock.instant());
    var plan = ImagePlan.of(seen, settings.builder());
    Optional<Attempt> started = Optional.empty();
    Optional<Outcome> refused = Optional.empty();
    try {
      started = apply(plan, context);
    } catch (KubernetesClientException e) {
      refused = Optional.of(refusal(e));
    } catch (Applier.NameTaken e) {
      refused =
          Optional.of(new Outcome.Stalled(ImageReason.NameTaken, e.getMessage(), AFTER_REFUSAL));
    }
    var report = ImageReport.of(seen, started, refused);
    tell(image, plan.rule(), report);
    return Reply.to(report.outcome(), image, report.status(), UnikernelImage::new);
  }

  @Override
  public ErrorStatusUpdateControl<UnikernelImage> updateErrorStatus(
      UnikernelImage image, Context<UnikernelImage> context, Exception fault) {
    var report = ImageReport.of(image, Outcome.Failed.of(fault), clock.instant());
    return Reply.toFault(image, report.status(), UnikernelImage::new);
  }

  /** Retires, sweeps, starts; each step may be repeated after a crash between any two. */
  private static Optional<Attempt> apply(ImagePlan plan, Context<UnikernelImage> context) {
    var client = context.getClient();
    plan.retire()
        .forEach(
            job ->
                client
                    .resource(job)
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .delete());
    plan.sweep().forEach(map -> client.resource(map).delete());
    plan.restore().ifPresent(map -> put(map, context));
    return plan.start()
        .map(
            wanted -> {
              put(wanted.plan(), context);
              return Attempt.of(Applier.create(context, wanted.job()), List.of(), Optional.empty());
            });
  }

  /**
   * Writes what a Job is to build, over what an earlier pass wrote under this name.
   *
   * @throws Applier.NameTaken when it is somebody else's map that is there
   */
  private static void put(ConfigMap plan, Context<UnikernelImage> context) {
    var written = context.getClient().resource(plan);
    try {
      written.create();
    } catch (KubernetesClientException refused) {
      if (refused.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw refused;
      }
      var there = written.get();
      if (there != null && !Owned.controls(context.getPrimaryResource(), there)) {
        throw new Applier.NameTaken(context.getPrimaryResource(), there);
      }
      written.forceConflicts().serverSideApply();
    }
  }

  /** A quota or a policy may give way; what the API server finds invalid stays so. */
  private static Outcome refusal(KubernetesClientException refused) {
    var message = new Outcome.Failed(refused).message();
    return switch (refused.getCode()) {
      case HttpURLConnection.HTTP_FORBIDDEN ->
          new Outcome.Waiting(ImageReason.BuilderRefused, message, AFTER_REFUSAL);
      case UNPROCESSABLE -> new Outcome.Stalled(ImageReason.BuilderRefused, message);
      default -> throw refused;
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
