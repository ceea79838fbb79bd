package dev.unikernel.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.unikernel.operator.status.Reason;
import dev.unikernel.operator.testing.Patience;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class EventsTest {

  /** Each write would take ten seconds: had the caller to wait, this test would never end. */
  @Test
  void noCallerWaitsForAnApiServerThatDoesNotAnswer() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var client =
            new KubernetesClientBuilder()
                .withConfig(
                    new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + silent.getLocalPort())
                        .build())
                .build()) {
      var events = new Events(client, Clock.systemUTC());
      assertTimeoutPreemptively(
          Patience.LIMIT,
          () -> {
            for (int i = 0; i < 3 * Events.QUEUE; i++) {
              events.record(
                  new ConfigMapBuilder().withNewMetadata().endMetadata().build(),
                  Events.Type.Normal,
                  Reason.Shared.Retrying,
                  null);
            }
          });
      assertThat(events.dropped()).isGreaterThanOrEqualTo(2L * Events.QUEUE - 10);
    }
  }
}
