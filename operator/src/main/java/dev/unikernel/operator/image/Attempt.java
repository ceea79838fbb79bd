package dev.unikernel.operator.image;

import dev.unikernel.builder.report.BuildReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One builder Job and how far it got.
 *
 * @param inputs {@code sha256:…} of what it builds
 * @param number 1 for the first Job of these inputs
 * @param settings hash of how it builds; see {@link BuilderJob}
 * @param finishedAt null while it runs
 * @param tries pods that it started
 */
record Attempt(
    String job,
    String inputs,
    int number,
    String settings,
    Instant startedAt,
    Instant finishedAt,
    int tries,
    State state) {

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

  private static final String COMPLETE = "Complete";
  private static final String FAILED = "Failed";

  /**
   * Reads a Job of ours.
   *
   * @param pods the Job's
   * @param refusal why the API server does not let the Job have a pod, if that is known
   */
  static Attempt of(Job job, List<Pod> pods, Optional<String> refusal) {
    var annotations = job.getMetadata().getAnnotations();
    var number = BuilderJob.number(job);
    var story = new PodStory(job, pods);
    var complete = condition(job, COMPLETE);
    var failed = condition(job, FAILED);
    State state =
        complete.isPresent()
            ? story
                .published()
                .<State>map(Done::new)
                .orElseGet(() -> new Failed(story.lost(number < LOST_MAX)))
            : failed
                .<State>map(condition -> new Failed(story.failure(condition)))
                .orElseGet(() -> story.underway(refusal));
    var started =
        job.getStatus() != null && job.getStatus().getStartTime() != null
            ? job.getStatus().getStartTime()
            : job.getMetadata().getCreationTimestamp();
    return new Attempt(
        job.getMetadata().getName(),
        annotations.get(BuilderJob.INPUTS),
        number,
        annotations.get(BuilderJob.SETTINGS),
        started == null ? null : Instant.parse(started),
        complete
            .or(() -> failed)
            .map(JobCondition::getLastTransitionTime)
            .map(Instant::parse)
            .orElse(null),
        tries(job),
        state);
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
