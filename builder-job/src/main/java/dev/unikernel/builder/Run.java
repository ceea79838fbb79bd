package dev.unikernel.builder;

import dev.unikernel.builder.report.BuildReport;
import dev.unikernel.builder.report.BuildReport.BuildError;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import dev.unikernel.builder.report.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * One build from its start to its report and exit code. However it ends, it leaves exactly one
 * report: also when the kubelet stops it.
 */
final class Run {
  private final Environment environment;
  private final Progress progress;
  private final AtomicBoolean reported = new AtomicBoolean();

  Run(Environment environment, Progress progress) {
    this.environment = environment;
    this.progress = progress;
  }

  int exitCode() {
    Thread onStop = new Thread(this::stopped, "stopped");
    Runtime.getRuntime().addShutdownHook(onStop);
    if (environment.timeout() != null) {
      Thread.ofPlatform().name("timeout").daemon().start(this::giveUpInTime);
    }
    BuildReport report = report();
    return write(report);
  }

  private BuildReport report() {
    Path scratch = null;
    try {
      scratch = Files.createTempDirectory(environment.work(), "build-");
      System.setProperty("ZstdTempFolder", scratch.toString());
      return new Builder(environment, progress, scratch).build();
    } catch (Throwable failure) {
      BuildError error = error(failure);
      if (error.code() == Code.Internal) {
        failure.printStackTrace();
      }
      return new BuildReport(null, null, null, null, error);
    } finally {
      delete(scratch);
    }
  }

  /** What the report says of the fault that ended the build. */
  static BuildError error(Throwable failure) {
    if (failure instanceof BuildFailure known) {
      return known.error();
    }
    if (failure instanceof OutOfMemoryError) {
      return new BuildError(
          Code.OutOfMemory,
          "the builder ran out of memory",
          "raise memory in spec.build.resources.limits");
    }
    return BuildFailure.ifScratchIsFull(failure)
        .map(BuildFailure::error)
        .orElseGet(
            () ->
                new BuildError(
                    Code.Internal,
                    "the builder failed: %s: %s"
                        .formatted(failure.getClass().getSimpleName(), failure.getMessage()),
                    "it is tried again; if it stays, report it with the log of the builder Job"));
  }

  private int write(BuildReport report) {
    if (!reported.compareAndSet(false, true)) {
      return BuildReport.EXIT_TEMPORARY;
    }
    if (report.error() != null) {
      progress.say("%s: %s".formatted(report.error().code(), report.error().message()));
      progress.say("what to do: " + report.error().remedy());
    }
    try {
      environment.report().write(report);
    } catch (IOException e) {
      progress.say("the report cannot be written: " + e);
      return BuildReport.EXIT_TEMPORARY;
    }
    if (report.error() == null) {
      return BuildReport.EXIT_OK;
    }
    return report.error().code().retryable()
        ? BuildReport.EXIT_TEMPORARY
        : BuildReport.EXIT_PERMANENT;
  }

  /** Ends the build that is not done in time, wherever it hangs. */
  private void giveUpInTime() {
    try {
      Thread.sleep(environment.timeout());
    } catch (InterruptedException ended) {
      return;
    }
    halt(outOfTime(environment.timeout(), progress.last()));
  }

  /** What the report says of a build that is not done in time. */
  static BuildError outOfTime(Duration timeout, String last) {
    return new BuildError(
        Code.BuildTimeout,
        "the build was not done within %d s; it was at: %s".formatted(timeout.toSeconds(), last),
        "raise spec.build.timeoutSeconds, or give the builder more CPU in spec.build.resources");
  }

  /** SIGTERM: the pod is evicted, or it or the Job was deleted. */
  private void stopped() {
    halt(
        new BuildError(Code.Stopped, "the build was stopped before it ended", "it is tried again"));
  }

  private void halt(BuildError error) {
    if (!reported.get()) {
      Runtime.getRuntime().halt(write(new BuildReport(null, null, null, null, error)));
    }
  }

  private static void delete(Path directory) {
    if (directory == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(Run::deleteOne);
    } catch (IOException | UncheckedIOException leftToTheVolume) {
      // The volume goes with the pod.
    }
  }

  private static void deleteOne(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
