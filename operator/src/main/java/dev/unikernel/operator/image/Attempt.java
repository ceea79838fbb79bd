package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImageStatus.BuildStatus;
import dev.unikernel.api.UnikernelImageStatus.Rebuild;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.kube.Times;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One builder Job and how far it got.
 *
 * @param inputs {@code sha256:…} of what it builds
 * @param number 1 for the first Job of these inputs
 * @param settings hash of how it builds; see {@link BuilderJob}
 * @param createdAt by the API server's clock
 * @param finishedAt when the operator first saw that the build had ended, by the operator's clock;
 *     null while it goes on
 * @param tries pods that it started
 * @param keptBy containers that still run in the pod of a builder that has ended
 */
record Attempt(
    String job,
    String inputs,
    int number,
    String settings,
    String createdAt,
    Instant finishedAt,
    int tries,
    State state,
    List<String> keptBy) {

  /** How far a Job got. */
  sealed interface State {}

  /** It is at work; the reason and the message say at what. */
  record Underway(ImageReason reason, String message) implements State {}

  /** It published a disk. */
  record Done(BuildReport report) implements State {}

  /** It gave up, or what it published is not known. */
  record Failed(Failure failure) implements State {}

  /** Oldest first. */
  static final Comparator<Attempt> BY_NUMBER = Comparator.comparingInt(Attempt::number);

  /** Builds of the same inputs, after which a report that was lost is not built for again. */
  static final int LOST_MAX = 5;

  /** How long the watch of pods may be behind the watch of Jobs. */
  static final Duration REPORT_PATIENCE = Duration.ofSeconds(30);

  private static final String COMPLETE = "Complete";
  private static final String FAILED = "Failed";

  /**
   * Reads a builder Job.
   *
   * @param pods the Job's
   * @param refusal why the API server does not let the Job have a pod, if that is known
   * @param known what the status of the image says of its newest Job, or null
   * @param now by the operator's clock
   */
  static Attempt of(
      Job job, List<Pod> pods, Optional<String> refusal, BuildStatus known, Instant now) {
    var name = job.getMetadata().getName();
    var number = BuilderJob.number(name);
    var annotations = Objects.requireNonNullElse(job.getMetadata().getAnnotations(), Map.of());
    var story = new PodStory(job, pods);
    var seen = ended(name, known, now);
    var state = state(job, number, story, refusal, Duration.between(seen, now));
    boolean ended = !(state instanceof Underway) || finished(job);
    return new Attempt(
        name,
        (String) annotations.get(BuilderJob.INPUTS),
        number,
        (String) annotations.get(BuilderJob.SETTINGS),
        job.getMetadata().getCreationTimestamp(),
        ended ? seen : null,
        tries(job),
        state,
        state instanceof Underway ? List.of() : story.keptBy());
  }

  private static State state(
      Job job, int number, PodStory story, Optional<String> refusal, Duration waited) {
    var published = story.published();
    if (published.isPresent()) {
      return new Done(published.get());
    }
    var failed = condition(job, FAILED);
    var evidence = failed.isPresent() ? story.failure(failed.get()) : story.lastWords();
    if (evidence.isPresent()) {
      return new Failed(evidence.get());
    }
    if (!finished(job)) {
      return story.underway(refusal);
    }
    if (waited.compareTo(REPORT_PATIENCE) < 0) {
      return story.reportAwaited();
    }
    return new Failed(failed.map(story::podsGone).orElseGet(() -> story.lost(number < LOST_MAX)));
  }

  /** When this operator first saw the end of this Job: now, unless the status knows better. */
  private static Instant ended(String job, BuildStatus known, Instant now) {
    var current = now.truncatedTo(ChronoUnit.MILLIS);
    if (known == null || !job.equals(known.job()) || known.finishedAt() == null) {
      return current;
    }
    return Times.parse(known.finishedAt()).filter(at -> at.isBefore(current)).orElse(current);
  }

  /** Whether it was started after this demand to build again. */
  boolean counts(Rebuild demand) {
    return demand.after() == null || number > demand.after();
  }

  /** When a failed attempt is followed by the next; empty where only a change helps. */
  Optional<Instant> retryAt() {
    return state instanceof Failed(Failure failure)
        ? failure.retry().delay(number).map(finishedAt::plus)
        : Optional.empty();
  }

  /** Whether the Job ended, well or not. */
  static boolean finished(Job job) {
    return condition(job, COMPLETE).or(() -> condition(job, FAILED)).isPresent();
  }

  private static int tries(Job job) {
    var status = job.getStatus();
    return status == null
        ? 0
        : count(status.getActive()) + count(status.getSucceeded()) + count(status.getFailed());
  }

  private static int count(Integer pods) {
    return pods == null ? 0 : pods;
  }

  private static Optional<JobCondition> condition(Job job, String type) {
    return job.getStatus() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(condition -> condition.getType().equals(type))
            .filter(condition -> "True".equals(condition.getStatus()))
            .findFirst();
  }
}
