package dev.unikernel.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.stream.LongStream;

/**
 * The SDK's metrics of reconciliations, their durations as a histogram. The Quarkus extension's own
 * producer gives a bean without any in a packaged operator (quarkus-operator-sdk#1385).
 */
final class OperatorMetrics {
  private static final Duration[] DURATIONS =
      LongStream.of(
              5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_500, 5_000, 10_000,
              30_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private OperatorMetrics() {}

  @Produces
  @Singleton
  static Metrics metrics(MeterRegistry registry) {
    return MicrometerMetricsV2.newBuilder(registry)
        .withExecutionTimerConfig(timer -> timer.serviceLevelObjectives(DURATIONS))
        .build();
  }
}
