package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  @Test
  void theNewestBuildIsFollowed() {
    assertThat(guest(service("{name: hello}", "256Mi", 80), image("nanos", 1)).digest())
        .isEqualTo(B);
  }

  @Test
  void aPinnedBuildOfTheHistoryIsBooted() {
    assertThat(
            guest(service("{name: hello, digest: '" + A + "'}", "256Mi", 80), image("nanos", 1))
                .digest())
        .isEqualTo(A);
  }

  @Test
  void anotherPortOfTheServiceIsNoOtherGuest() {
    assertThat(guest(service("{name: hello}", "256Mi", 80), image("nanos", 1)).revision())
        .isEqualTo(guest(service("{name: hello}", "256Mi", 8000), image("nanos", 1)).revision());
  }

  @Test
  void theImagesOwnWordsAreQuotedWhileItIsNotBuilt() {
    var image =
        KUBERNETES.unmarshal(
            """
            metadata: {name: hello}
            status:
              conditions:
              - {type: Ready, status: 'False', reason: PullRefused, message: the registry says no}
            """,
            UnikernelImage.class);
    assertThat(message(service("{name: hello}", "256Mi", 80), image))
        .contains("hello")
        .contains("the registry says no")
        .contains("PullRefused");
  }

  @Test
  void aLinuxGuestNeedsRoomForWhatItUnpacks() {
    assertThat(message(service("{name: hello}", "128Mi", 80), image("linux", 200)))
        .isEqualTo(
            "The guest needs 390 MiB: 90, and one and a half times the 200 MiB of files that it unpacks"
                + " into its memory. spec.resources.memory is 128Mi. Write 390Mi or more.");
    assertThat(guest(service("{name: hello}", "128Mi", 80), image("nanos", 200)).memoryMiB())
        .isEqualTo(128);
  }

  private static Guest guest(UnikernelService service, UnikernelImage image) {
    return ((Target.Known) Target.of(service, Optional.of(image))).guest();
  }

  private static String message(UnikernelService service, UnikernelImage image) {
    Outcome outcome = ((Target.Open) Target.of(service, Optional.of(image))).outcome();
    return outcome.message();
  }

  private static UnikernelService service(String image, String memory, int port) {
    return KUBERNETES.unmarshal(
        """
        metadata: {name: hello}
        spec:
          image: %s
          resources: {memory: %s}
          ports: [{name: http, port: %d, targetPort: 8080, protocol: TCP}]
        """
            .formatted(image, memory, port),
        UnikernelService.class);
  }

  private static UnikernelImage image(String kernel, int mib) {
    return KUBERNETES.unmarshal(
        """
        metadata: {name: hello}
        spec: {publish: {registry: {repository: registry.example/hello}}}
        status:
          artifact: {registry: 'registry.example/hello@%1$s', digest: '%1$s', kernel: %3$s, sizeBytes: 5, unpackedBytes: %4$d}
          history:
          - artifact: {registry: 'registry.example/hello@%2$s', digest: '%2$s', kernel: %3$s, sizeBytes: 5, unpackedBytes: %4$d}
        """
            .formatted(B, A, kernel, mib * 1024L * 1024),
        UnikernelImage.class);
  }
}
