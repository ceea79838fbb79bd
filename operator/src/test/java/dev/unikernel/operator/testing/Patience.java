package dev.unikernel.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** How tests wait: for a condition, and for so long that only a defect makes them give up. */
public final class Patience {
  /** Enough for a machine that is busy with much else. */
  public static final Duration LIMIT = Duration.ofMinutes(4);

  private Patience() {}

  /**
   * Waits until the condition holds.
   *
   * @param state what to show when it never does
   */
  public static void until(Callable<Boolean> condition, Supplier<?> state) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(condition.call()).as(() -> "last seen: " + state.get()).isTrue());
  }
}
