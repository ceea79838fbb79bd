package dev.unikernel.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.lang.reflect.Proxy;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class InformerWatchTest {
  private final InformerWatch watch = new InformerWatch();

  @Test
  void aWatchThatEndsByAFaultEndsTheLifeOfTheOperator() {
    assertThat(watch.call().getStatus()).isEqualTo(Status.UP);
    watch.onStop(informer(true), new IllegalStateException("no JSON"));
    assertThat(watch.call().getStatus()).isEqualTo(Status.DOWN);
    assertThat(watch.call().getData()).hasValueSatisfying(d -> assertThat(d).containsValue("Pod"));
  }

  @Test
  void aWatchThatIsToldToEndDoesNot() {
    watch.onStop(informer(true), null);
    assertThat(watch.call().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void aWatchThatNeverBeganIsTriedAgainByItsReconciler() {
    watch.onStop(informer(false), new IllegalStateException("forbidden"));
    assertThat(watch.call().getStatus()).isEqualTo(Status.UP);
  }

  private static SharedIndexInformer<?> informer(boolean synced) {
    return (SharedIndexInformer<?>)
        Proxy.newProxyInstance(
            InformerWatchTest.class.getClassLoader(),
            new Class<?>[] {SharedIndexInformer.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "hasSynced" -> synced;
                  case "getApiTypeClass" -> Pod.class;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
