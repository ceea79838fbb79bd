package dev.unikernel.operator;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.api.config.InformerStoppedHandler;
import jakarta.enterprise.inject.Default;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Liveness. An informer that has ended by a fault does not come back, and what it watched would
 * never be reconciled again; a new process sees everything. An API server that is away ends none,
 * and neither does a UnikernelImage or UnikernelService that cannot be decoded.
 */
@Liveness
@Default // the SDK looks its handler up without a qualifier, and @Liveness is one
@Singleton
public class InformerWatch implements HealthCheck, InformerStoppedHandler {
  private static final Logger LOG = LoggerFactory.getLogger(InformerWatch.class);

  private final AtomicReference<String> ended = new AtomicReference<>();

  @Override
  @SuppressWarnings("rawtypes")
  public void onStop(SharedIndexInformer informer, Throwable fault) {
    if (fault != null && informer.hasSynced()) {
      var kind = informer.getApiTypeClass().getSimpleName();
      LOG.atError()
          .addKeyValue("kind", kind)
          .setCause(fault)
          .log(
              "Informer stopped with an error; failing the liveness probe so that the operator is restarted");
      ended.set(kind);
    }
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("watches");
    Optional.ofNullable(ended.get()).ifPresent(kind -> response.withData("ended", kind));
    return response.status(ended.get() == null).build();
  }
}
