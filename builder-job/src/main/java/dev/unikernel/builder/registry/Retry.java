package dev.unikernel.builder.registry;

import dev.unikernel.builder.BuildFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Calls again, with growing pauses, while the failure is one that may pass. */
record Retry(RegistryFailure failure, Duration patience, Consumer<String> log) {

  interface Call<T> {
    T run() throws Exception;
  }

  <T> T call(Call<T> call) {
    Instant end = Instant.now().plus(patience);
    for (Duration pause = Duration.ofMillis(500); ; pause = pause.multipliedBy(2)) {
      try {
        return call.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure.of(e);
      } catch (Exception e) {
        BuildFailure known = failure.of(e);
        if (!known.error().code().retryable() || Instant.now().plus(pause).isAfter(end)) {
          throw known;
        }
        log.accept(known.getMessage() + "; trying again");
      }
      pause(pause);
    }
  }

  private void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure.of(e);
    }
  }
}
