package dev.unikernel.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.operator.testing.Administrator;
import dev.unikernel.operator.testing.ApiServerResource;
import dev.unikernel.operator.testing.Rights;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Two releases of the chart in one cluster: the second one waits, and takes over. */
@QuarkusTest
@QuarkusTestResource(value = ApiServerResource.class, restrictToAnnotatedClass = true)
@TestProfile(LeadershipTest.SecondRelease.class)
@EnabledIf(
    value = "dev.unikernel.api.testing.RealApiServer#isInstalled",
    disabledReason = "no Kubernetes binaries in the cache; run `make test`")
class LeadershipTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  /** With the chart's values. */
  public static class SecondRelease implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "unikernel.leader-election.namespace", "kube-system",
          "unikernel.leader-election.identity", "second/unikernel-operator-0");
    }
  }

  @Administrator KubernetesClient client;
  @Inject Operator operator;

  @Test
  void theSecondWaitsUntilTheFirstHasEnded() {
    try (var first = Executors.newSingleThreadScheduledExecutor()) {
      hold();
      var renewing = first.scheduleAtFixedRate(this::hold, 1, 1, TimeUnit.SECONDS);
      client
          .resource(
              Serialization.unmarshal(
                  """
                  apiVersion: unikernel.dev/v1alpha1
                  kind: UnikernelImage
                  metadata: {name: hello, namespace: default}
                  spec:
                    source: {image: {reference: registry.example/node:20}}
                    kernel: {name: nanos}
                    publish: {registry: {repository: registry.example/hello}}
                  """,
                  UnikernelImage.class))
          .create();
      operator.start();
      assertThat(operator.getRuntimeInfo().allEventSourcesAreHealthy()).isTrue();
      assertThat(observed()).isEqualTo(-1);
      assertThat(client.batch().v1().jobs().inAnyNamespace().list().getItems()).isEmpty();
      renewing.cancel(true);
    }
    await("the second one acts").atMost(LONG).until(() -> observed() == 1);
    assertThat(holder()).isEqualTo("second/unikernel-operator-0");
    await()
        .atMost(LONG)
        .until(() -> client.batch().v1().jobs().inAnyNamespace().list().getItems().size() == 1);
    Rights.assertUsed("leader");
  }

  /** As the operator of the first release does. */
  private void hold() {
    var now = ZonedDateTime.now(ZoneOffset.UTC);
    client
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName("unikernel-operator")
                .withNamespace("kube-system")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity("first/unikernel-operator-0")
                .withLeaseDurationSeconds(15)
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseTransitions(0)
                .endSpec()
                .build())
        .forceConflicts()
        .serverSideApply();
  }

  private String holder() {
    return client
        .leases()
        .inNamespace("kube-system")
        .withName("unikernel-operator")
        .get()
        .getSpec()
        .getHolderIdentity();
  }

  private long observed() {
    var image =
        client.resources(UnikernelImage.class).inNamespace("default").withName("hello").get();
    UnikernelImageStatus status = image.getStatus();
    return status == null ? -1 : status.observedGeneration();
  }
}
