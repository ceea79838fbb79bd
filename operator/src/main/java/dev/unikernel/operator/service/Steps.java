package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Applier.NameTaken;
import dev.unikernel.operator.service.Plan.Create;
import dev.unikernel.operator.service.Plan.Delete;
import dev.unikernel.operator.service.Plan.Drain;
import dev.unikernel.operator.service.Plan.Hold;
import dev.unikernel.operator.service.Plan.Readmit;
import dev.unikernel.operator.service.Plan.Step;
import dev.unikernel.operator.status.Outcome;
import dev.unikernel.operator.status.Refusal;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Takes the steps of a plan. */
record Steps(Backend backend, Story story, Clock clock) {

  /** Instances that one pass creates, so that the status is written between two of them. */
  private static final int CREATES = 127;

  /** Creations at the same time. */
  private static final int BATCH_MAX = 16;

  /** For the API server to tell what a cache that was behind did not know. */
  private static final Duration CATCH_UP = Duration.ofSeconds(1);

  /**
   * How it went.
   *
   * @param refused what was refused first
   * @param again when to go on with what nothing has refused; empty when nothing is left
   */
  record Taken(Optional<Outcome> refused, Optional<Duration> again) {}

  /** What became of one step. */
  private sealed interface Answer {

    /** It was taken. */
    record Done() implements Answer {}

    /** It rests on a state that has passed: the next pass knows better. */
    record Stale() implements Answer {}

    /** The API server did not take it. */
    record Refused(Outcome outcome) implements Answer {}
  }

  /**
   * Takes every step that can be taken. What failed is switched off first, before KubeVirt starts
   * it again. Instances are created in batches that grow from one, as ReplicaSets do it, so that a
   * quota or a webhook refuses one of a thousand and not each of them. After a refusal no further
   * instance is asked for, but what is to go still goes: that may be what frees the quota.
   *
   * @param image what instances boot, while it is there
   */
  Taken take(
      Plan plan,
      Observation seen,
      Optional<UnikernelImage> image,
      Context<UnikernelService> context) {
    return new Pass(seen, image, context).take(plan);
  }

  private final class Pass {
    private final Observation seen;
    private final Optional<UnikernelImage> image;
    private final Context<UnikernelService> context;
    private final Map<Guest, Optional<String>> pullSecrets = new HashMap<>();
    private Optional<Outcome> refused = Optional.empty();
    private Optional<Duration> again = Optional.empty();

    Pass(Observation seen, Optional<UnikernelImage> image, Context<UnikernelService> context) {
      this.seen = seen;
      this.image = image;
      this.context = context;
    }

    Taken take(Plan plan) {
      all(plan, Hold.class).forEach(this::take);
      var kept =
          create(all(plan, Create.class).toList()).stream()
              .filter(create -> refused.isEmpty() || !reproducible(create))
              .flatMap(create -> create.replaces().stream())
              .map(Instance::name)
              .collect(Collectors.toSet());
      plan.steps().stream()
          .filter(step -> !(step instanceof Hold) && !(step instanceof Create))
          .filter(step -> !kept.contains(step.instance()))
          .forEach(this::take);
      return new Taken(refused, refused.isPresent() ? Optional.empty() : again);
    }

    /** Creates in growing batches, and returns those that do not exist now. */
    private List<Create> create(List<Create> creates) {
      creates.forEach(create -> pullSecrets.computeIfAbsent(create.launch().guest(), this::secret));
      var made = new ArrayList<Create>();
      var left = new ArrayList<Create>();
      int asked = 0;
      for (int size = 1; left.isEmpty() && asked < Math.min(creates.size(), CREATES); size *= 2) {
        int end = Math.min(creates.size(), asked + Math.min(size, BATCH_MAX));
        var batch = creates.subList(asked, end);
        var answers = atOnce(batch);
        for (int i = 0; i < batch.size(); i++) {
          (note(answers.get(i)) ? made : left).add(batch.get(i));
        }
        asked = end;
      }
      left.addAll(creates.subList(asked, creates.size()));
      if (!left.isEmpty() && again.isEmpty()) {
        again = Optional.of(Duration.ofMillis(1));
      }
      story.created(context.getPrimaryResource(), made);
      return left;
    }

    private Optional<String> secret(Guest guest) {
      return Target.pullSecret(image, guest)
          .or(() -> backend.pullSecret(guest.revision(), context));
    }

    private List<Answer> atOnce(List<Create> batch) {
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        return batch.stream().map(create -> threads.submit(() -> change(create))).toList().stream()
            .map(Pass::answer)
            .toList();
      }
    }

    private static Answer answer(Future<Answer> call) {
      try {
        return call.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while instances were created", e);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException fault
            ? fault
            : new IllegalStateException(e.getCause());
      }
    }

    /** Whether its guest is known without the instance that it replaces. */
    private boolean reproducible(Create create) {
      return create.launch().guest().equals(seen.target());
    }

    private void take(Step step) {
      if (note(change(step))) {
        story.tell(context.getPrimaryResource(), step);
      }
    }

    /** Whether the step was taken. */
    private boolean note(Answer answer) {
      switch (answer) {
        case Answer.Done() -> {}
        case Answer.Stale() -> again = Optional.of(CATCH_UP);
        case Answer.Refused(Outcome outcome) -> refused = refused.or(() -> Optional.of(outcome));
      }
      return answer instanceof Answer.Done;
    }

    private Answer change(Step step) {
      try {
        switch (step) {
          case Create(Launch launch, var _, var _) ->
              backend.create(launch, pullSecrets.get(launch.guest()).orElse(null), context);
          case Readmit readmit -> backend.readmit(readmit.of(), context);
          case Drain drain -> backend.drain(drain.of(), clock.instant(), context);
          case Hold hold -> backend.hold(hold.of(), hold.until(), context);
          case Delete delete -> backend.delete(delete.of(), context);
        }
        return new Answer.Done();
      } catch (KubernetesClientException | NameTaken fault) {
        return Refusal.of(fault) == Refusal.STALE
            ? new Answer.Stale()
            : new Answer.Refused(Obstacle.of(fault, ServiceReason.InstanceRefused));
      }
    }
  }

  private static <S extends Step> Stream<S> all(Plan plan, Class<S> kind) {
    return plan.steps().stream().filter(kind::isInstance).map(kind::cast);
  }
}
