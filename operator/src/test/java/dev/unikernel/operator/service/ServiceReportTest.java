package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceStatus;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.backend.Launch;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A status is small however many instances there are, and its counts are of all of them. */
class ServiceReportTest {
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final Instant NOW = World.START.plusSeconds(1000);
  private static final int KIB = 1024;
  private static final Guest GUEST = World.guest("a".repeat(64));

  @Test
  void aThousandFailuresWithLongMessagesFitIntoOneStatus() {
    var instances = new ArrayList<Instance>();
    for (int i = 0; i < 1000; i++) {
      instances.add(i < 3 ? ready(i) : held(i, "x".repeat(5000)));
    }
    var status = report(instances).status();

    assertThat(KUBERNETES.asJson(status).getBytes(StandardCharsets.UTF_8).length)
        .isLessThan(64 * KIB);
    assertThat(status.instances())
        .hasSize(UnikernelServiceStatus.MAX_INSTANCES)
        .allMatch(one -> one.phase().equals("BackOff"));
    assertThat(status.replicas()).isEqualTo(1000);
    assertThat(status.readyReplicas()).isEqualTo(3);
    assertThat(status.availableReplicas()).isEqualTo(3);
    assertThat(status.updatedReplicas()).isEqualTo(1000);
    assertThat(status.conditions().getFirst().message()).contains("And 994 more.");
  }

  @Test
  void thoseThatNeedALookComeFirst() {
    var status = report(List.of(ready(0), held(1, "gone"), ready(2))).status();
    assertThat(status.instances())
        .extracting(one -> one.phase())
        .containsExactly("BackOff", "Ready", "Ready");
  }

  private static ServiceReport report(List<Instance> instances) {
    var service =
        KUBERNETES.unmarshal(
            """
            metadata: {name: hello, namespace: demo, generation: 1}
            spec:
              image: {name: hello}
              replicas: 1000
              ports: [{name: http, port: 80, targetPort: 8080}]
            """,
            UnikernelService.class);
    var target = new Target.Known(GUEST);
    return ServiceReport.of(
        service,
        target,
        "kubevirt",
        Observation.of(service, target, instances, NOW),
        Optional.empty());
  }

  private static Instance ready(int ordinal) {
    return World.in(born(ordinal), Phase.READY, NOW);
  }

  private static Instance held(int ordinal, String message) {
    var cause = new Cause("PoweredOff", message);
    var born = born(ordinal);
    return new Instance(
        born.name(),
        born.revision(),
        Phase.HELD,
        NOW,
        false,
        true,
        GUEST,
        new Attempt(3, NOW, cause),
        new Ending(NOW, true, NOW.plusSeconds(40)),
        "10.0.0.7",
        "node-1.of.a.cluster.with.long.names.example",
        "virt-launcher-" + born.name(),
        NOW,
        cause);
  }

  private static Instance born(int ordinal) {
    return World.born(
        Launch.name("hello", GUEST.revision(), ordinal), GUEST, Attempt.first(NOW), NOW);
  }
}
