package dev.unikernel.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The application's client reaches the real API server, which knows both kinds. */
@EnabledIf(
    value = "dev.unikernel.api.testing.RealApiServer#isInstalled",
    disabledReason = "no Kubernetes binaries in the cache; run `make test`")
@QuarkusTest
@QuarkusTestResource(value = ApiServerResource.class, restrictToAnnotatedClass = true)
class ApiServerResourceTest {
  @Inject KubernetesClient client;

  @Test
  void bothKindsAreServed() {
    assertThat(client.resources(UnikernelImage.class).inAnyNamespace().list().getItems())
        .isNotNull();
    assertThat(client.resources(UnikernelService.class).inAnyNamespace().list().getItems())
        .isNotNull();
  }
}
