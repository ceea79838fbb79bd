package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelImageStatus.Artifact;
import dev.unikernel.api.UnikernelImageStatus.BuildStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelImageStatus.Rebuild;
import dev.unikernel.api.UnikernelImageStatus.SourceImage;
import dev.unikernel.api.UnikernelImageStatus.Surface;
import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.operator.kube.Times;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.status.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pass tells the user. Pure. The published disk stays in the status even if a newer build
 * fails, so that services keep running it.
 */
record ImageReport(Outcome outcome, UnikernelImageStatus status) {
  private static final int HISTORY_MAX = 10;

  /**
   * The report of a pass.
   *
   * @param started the attempt that this pass started
   * @param obstacle why no Job could be started, if so
   */
  static ImageReport of(Observation seen, Optional<Attempt> started, Optional<Outcome> obstacle) {
    return switch (seen.resolution()) {
      case Resolution.Incomplete(Outcome outcome) ->
          report(
              seen,
              outcome,
              seen.status().inputs(),
              Optional.empty(),
              seen.history(),
              seen.status().rebuild());
      case Resolution.Complete(BuildInputs inputs) -> {
        var digest = inputs.digest();
        var newest = started.or(() -> seen.newest(digest));
        var rebuild = Rebuilds.of(seen, digest);
        var history = history(seen, digest, newest, rebuild);
        var outcome = obstacle.orElseGet(() -> outcome(seen, digest, newest, history, rebuild));
        yield report(seen, outcome, digest, newest, history, rebuild);
      }
    };
  }

  /** The report of a pass that could not look: all that was known stays known. */
  static ImageReport of(UnikernelImage image, Outcome outcome, Instant now) {
    var old = Observation.status(image);
    long generation = image.getMetadata().getGeneration();
    return new ImageReport(
        outcome,
        new UnikernelImageStatus(
            generation,
            ConditionSet.of(outcome, old.conditions(), generation, now),
            old.inputs(),
            old.artifact(),
            old.surface(),
            old.source(),
            old.build(),
            old.history(),
            old.rebuild()));
  }

  private static ImageReport report(
      Observation seen,
      Outcome outcome,
      String inputs,
      Optional<Attempt> newest,
      List<PastBuild> history,
      Rebuild rebuild) {
    var old = seen.status();
    long generation = seen.image().getMetadata().getGeneration();
    var current = history.stream().findFirst();
    return new ImageReport(
        outcome,
        new UnikernelImageStatus(
            generation,
            ConditionSet.of(outcome, old.conditions(), generation, seen.now()),
            inputs,
            current.map(PastBuild::artifact).orElse(null),
            current.map(PastBuild::surface).orElse(null),
            current.map(PastBuild::source).orElse(null),
            newest.map(ImageReport::build).orElse(old.build()),
            history.isEmpty() ? null : history,
            rebuild));
  }

  /** Newest first; the first is the one that services run. */
  private static List<PastBuild> history(
      Observation seen, String inputs, Optional<Attempt> newest, Rebuild rebuild) {
    var again = Rebuilds.isPending(rebuild, inputs, seen.history());
    var known =
        seen.history().stream().filter(past -> !again && past.inputs().equals(inputs)).findFirst();
    var current =
        known.or(
            () ->
                newest
                    .filter(attempt -> attempt.state() instanceof Attempt.Done)
                    .filter(attempt -> !again || attempt.counts(rebuild))
                    .map(attempt -> published(inputs, attempt, again ? rebuild.since() : null)));
    return Stream.concat(
            current.stream(),
            seen.history().stream()
                .filter(past -> current.isEmpty() || !replaced(past, current.get(), rebuild)))
        .limit(HISTORY_MAX)
        .toList();
  }

  /** The same build, or one of the same inputs that the registry has lost. */
  private static boolean replaced(PastBuild past, PastBuild current, Rebuild rebuild) {
    return past.inputs().equals(current.inputs())
        && (past.artifact() == null
            || past.artifact().digest().equals(current.artifact().digest())
            || (rebuild != null && Rebuilds.MISSING.equals(rebuild.reason())));
  }

  private static Outcome outcome(
      Observation seen,
      String inputs,
      Optional<Attempt> newest,
      List<PastBuild> history,
      Rebuild rebuild) {
    var current = history.stream().findFirst().filter(past -> past.inputs().equals(inputs));
    var again = Rebuilds.isPending(rebuild, inputs, history);
    if (current.isPresent() && !again) {
      return new Outcome.Steady(
          ImageReason.Published,
          "Published " + current.get().artifact().registry() + "." + notGiven(current.get()));
    }
    return switch (newest.orElseThrow().state()) {
      case Attempt.Underway(ImageReason reason, String message)
          when newest.get().finishedAt() != null ->
          new Outcome.Waiting(reason, message, Attempt.REPORT_PATIENCE);
      case Attempt.Underway(ImageReason reason, String message)
          when again && Rebuilds.MISSING.equals(rebuild.reason()) && !reason.stuck() ->
          new Outcome.Waiting(ImageReason.ArtifactMissing, missing(seen, current) + message);
      case Attempt.Underway(ImageReason reason, String message) ->
          new Outcome.Waiting(reason, message);
      case Attempt.Failed(Failure failure) -> failed(seen, newest.get(), failure, history);
      case Attempt.Done _ ->
          throw new IllegalStateException("what a Job that is done published is in the history");
    };
  }

  private static String missing(Observation seen, Optional<PastBuild> lost) {
    var artifact = lost.map(PastBuild::artifact).orElse(null);
    var disk = artifact == null ? "the published disk" : artifact.registry();
    var service = artifact == null ? null : seen.missing().get(artifact.digest());
    return "The registry no longer has %s%s. It is built again. "
        .formatted(
            disk, service == null ? "" : ", as UnikernelService %s found".formatted(service));
  }

  private static Outcome failed(
      Observation seen, Attempt attempt, Failure failure, List<PastBuild> history) {
    var message =
        failure.message()
            + attempt
                .retryAt()
                .map(at -> " It is tried again at " + at.truncatedTo(ChronoUnit.SECONDS) + ".")
                .orElse("")
            + (history.isEmpty() ? "" : " The last good build stays published.");
    var after = attempt.retryAt().map(at -> Duration.between(seen.now(), at));
    return failure.retry() == Retry.SOON
        ? new Outcome.Waiting(failure.reason(), message, after)
        : new Outcome.Stalled(failure.reason(), message, after);
  }

  private static BuildStatus build(Attempt attempt) {
    return new BuildStatus(
        attempt.job(), attempt.createdAt(), time(attempt.finishedAt()), attempt.tries());
  }

  /**
   * What an attempt published.
   *
   * @param since the time of the demand that led to it, which it cannot be older than; or null
   */
  private static PastBuild published(String inputs, Attempt attempt, String since) {
    var report = ((Attempt.Done) attempt.state()).report();
    var artifact = report.artifact();
    return new PastBuild(
        inputs,
        new Artifact(
            artifact.digest(),
            artifact.registry(),
            artifact.kernel(),
            artifact.kernelVersion(),
            artifact.kernelSha256(),
            artifact.sizeBytes(),
            artifact.unpackedBytes(),
            mebibytes(artifact.sizeBytes())),
        surface(report),
        source(report.source()),
        Times.parse(since)
            .map(demand -> demand.plusMillis(1))
            .filter(demand -> demand.isAfter(attempt.finishedAt()))
            .orElse(attempt.finishedAt())
            .toString());
  }

  private static Surface surface(BuildReport report) {
    var disk = report.surface();
    var source = report.sourceSurface();
    return new Surface(
        disk.files(),
        disk.executables(),
        disk.sharedLibraries(),
        disk.setuid(),
        disk.shells(),
        source.files(),
        source.executables(),
        source.sharedLibraries(),
        source.setuid(),
        source.shells());
  }

  private static SourceImage source(BuildReport.Source source) {
    return source == null
        ? null
        : new SourceImage(
            source.digest(),
            source.user() == null || source.user().isBlank() ? null : source.user(),
            source.volumes() == null || source.volumes().isEmpty() ? null : source.volumes());
  }

  /** A sentence each on what the source image asks for and does not get. */
  private static String notGiven(PastBuild build) {
    var source = build.source();
    if (source == null) {
      return "";
    }
    var user =
        source.user() == null
            ? ""
            : " The image's USER %s is not taken over: %s."
                .formatted(
                    source.user(),
                    "linux".equals(build.artifact().kernel())
                        ? "on linux the program runs as nobody (65534)"
                        : "nanos has no users, and the program counts as root");
    var volumes =
        source.volumes() == null
            ? ""
            : " The image's VOLUME %s keeps nothing: what is written there is gone with the guest."
                .formatted(String.join(", ", source.volumes()));
    return user + volumes;
  }

  private static String mebibytes(long bytes) {
    return Math.max(1, Math.round(bytes / 1048576.0)) + "Mi";
  }

  private static String time(Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
