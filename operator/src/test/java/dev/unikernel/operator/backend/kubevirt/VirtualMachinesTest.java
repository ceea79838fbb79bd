package dev.unikernel.operator.backend.kubevirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec.HttpGet;
import dev.unikernel.api.UnikernelServiceSpec.KubeVirtPlacement;
import dev.unikernel.api.UnikernelServiceSpec.Port;
import dev.unikernel.api.UnikernelServiceSpec.Probe;
import dev.unikernel.api.UnikernelServiceSpec.Protocol;
import dev.unikernel.api.UnikernelServiceSpec.TcpSocket;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.testing.Golden;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VirtualMachinesTest {
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final String IMAGE = "registry.example/hello@sha256:" + "a".repeat(64);

  @Test
  void aNanosGuestBootsFromItsDisk() {
    Golden.assertMatches(
        yaml(guest("nanos", 1, 256), "registry-login"), "kubevirt/golden/nanos.yaml");
  }

  @Test
  void aLinuxGuestBootsFromKernelAndInitrd() {
    Golden.assertMatches(yaml(guest("linux", 2, 2048), null), "kubevirt/golden/linux.yaml");
  }

  @Test
  void theGuestSurvivesTheWayThroughItsMachine() {
    var guest = guest("nanos", 1, 256);
    var manifest = VirtualMachines.of(launch(guest), service(), "registry-login");
    var machine = KUBERNETES.convertValue(manifest, VirtualMachine.class);

    Slim.machine(machine);
    var instance = Instances.of(List.of(machine), List.of(), List.of()).getFirst();

    assertThat(machine.wanted())
        .isEqualTo(new VirtualMachine.Spec(VirtualMachineSpec.ALWAYS, "registry-login"));

    assertThat(instance.guest()).isEqualTo(guest);
    assertThat(instance.guest().revision()).isEqualTo(instance.revision());
    assertThat(instance.name()).isEqualTo(launch(guest).name());
  }

  @Test
  void aRevisionStaysWhatItIsFromReleaseToRelease() {
    assertThat(guest("nanos", 1, 256).revision()).isEqualTo("vmc5sztf");
  }

  @Test
  void whatAGuestCannotTellChangesNoRevision() {
    var bare = new Guest(IMAGE, "nanos", 1, 256, List.of(), null, null, null);
    var empty =
        new Guest(
            IMAGE,
            "nanos",
            1,
            256,
            List.of(),
            null,
            null,
            new KubeVirtPlacement(Map.of(), null, List.of(), List.of(), null));
    assertThat(empty.revision()).isEqualTo(bare.revision());
  }

  @Test
  void aLongServiceNameStillMakesAName() {
    assertThat(Launch.name("a".repeat(63), "bcdfghjk", 1000)).hasSizeLessThanOrEqualTo(63);
  }

  private static Guest guest(String kernel, int cpu, long memory) {
    return new Guest(
        IMAGE,
        kernel,
        cpu,
        memory,
        List.of(new Port("http", null, 8080, Protocol.TCP)),
        new Probe(new HttpGet("/safe", new IntOrString("http")), null, 0, 1, 1, 1, 3),
        new Probe(null, new TcpSocket(new IntOrString(8080)), 0, 10, 1, 1, 6),
        new KubeVirtPlacement(Map.of("disk", "fast"), null, List.of(), List.of(), null));
  }

  private static Launch launch(Guest guest) {
    return new Launch(
        Launch.name("hello", guest.revision(), 0),
        guest,
        Attempt.first(Instant.parse("2026-01-01T00:00:00Z")));
  }

  private static UnikernelService service() {
    var service = new UnikernelService();
    service.setMetadata(
        new ObjectMetaBuilder().withName("hello").withNamespace("demo").withUid("uid-1").build());
    return service;
  }

  private static String yaml(Guest guest, String pullSecret) {
    return KUBERNETES.asYaml(VirtualMachines.of(launch(guest), service(), pullSecret));
  }
}
