package dev.unikernel.operator;

import static java.util.Objects.requireNonNullElse;

import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.quarkiverse.operatorsdk.runtime.QuarkusConfigurationService;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import org.slf4j.MDC;

/**
 * Where passes run: a namespace whose requests are not answered holds its share of them, and not
 * everybody's.
 */
final class Passes {
  /** Set by the SDK while it submits a pass. */
  private static final String NAMESPACE = "resource.namespace";

  private static final int OF_ONE_NAMESPACE = 10;
  private static final int OF_ALL = 200;

  private Passes() {}

  /**
   * Before the operator starts. A ConfigurationServiceCustomizer would be the SDK's way, but in
   * this version it also replaces the client.
   */
  static void onStart(
      @Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event,
      QuarkusConfigurationService configuration) {
    var executors = configuration.getExecutorServiceManager();
    executors.stop(Duration.ZERO);
    executors.start(
        ConfigurationService.newOverriddenConfigurationService(
            configuration, with -> with.withExecutorService(executor())));
  }

  static FairExecutor executor() {
    return new FairExecutor(
        () -> requireNonNullElse(MDC.get(NAMESPACE), ""), OF_ONE_NAMESPACE, OF_ALL);
  }
}
