package dev.unikernel.e2e.kubevirt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher pod we make of a recorded instance, held against the one KubeVirt made of it. */
class LauncherPodTest {

  private static final Settings SETTINGS =
      new Settings(
          "node.local/launcher:1",
          Path.of("guest-network"),
          Path.of("pods"),
          Duration.ofSeconds(10),
          Duration.ofSeconds(8),
          Path.of("/dev/null"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-create-kernelboot",
        "02-create-containerdisk-nanos",
        "03a-delete-grace10-guest-ignores-acpi"
      })
  void isTheOneKubeVirtMakes(String scenario) throws JsonProcessingException {
    Recordings recordings = Recordings.find();
    JsonNode instance = recordings.stream(scenario, "vmi").getFirst();
    JsonNode theirs = recordings.stream(scenario, "pod").getFirst();
    JsonNode ours =
        new ObjectMapper()
            .readTree(Serialization.asJson(new LauncherPod(instance, SETTINGS).pod()));

    for (String same :
        List.of(
            "/metadata/generateName",
            "/metadata/labels",
            "/metadata/ownerReferences",
            "/spec/restartPolicy",
            "/spec/terminationGracePeriodSeconds",
            "/spec/hostname",
            "/spec/automountServiceAccountToken",
            "/spec/enableServiceLinks",
            "/spec/readinessGates",
            "/spec/nodeSelector",
            "/spec/topologySpreadConstraints",
            "/spec/securityContext",
            "/spec/imagePullSecrets",
            "/spec/containers/0/name",
            "/spec/containers/0/ports",
            "/spec/containers/0/securityContext",
            "/spec/containers/0/terminationMessagePolicy",
            "/spec/initContainers/0/name",
            "/spec/initContainers/0/restartPolicy",
            "/spec/initContainers/0/resources",
            "/spec/initContainers/0/securityContext",
            "/spec/initContainers/1/name",
            "/spec/initContainers/1/image",
            "/spec/initContainers/1/resources",
            "/spec/initContainers/1/securityContext")) {
      assertThat(present(ours.at(same))).as(same).isEqualTo(present(theirs.at(same)));
    }
    assertThat(ours.at("/spec/containers")).hasSameSizeAs(theirs.at("/spec/containers"));
    assertThat(probe(ours)).as("readiness probe").isEqualTo(probe(theirs));
    assertThat(ours.at("/spec/containers/0/resources/requests/cpu"))
        .isEqualTo(theirs.at("/spec/containers/0/resources/requests/cpu"));
    assertThat(images(ours)).as("image volumes of the guest").isEqualTo(images(theirs));
    assertThat(memory(ours))
        .as("memory the node must have")
        .isCloseTo(memory(theirs), org.assertj.core.data.Percentage.withPercentage(1));
  }

  /** What a server leaves out, a client may write as an empty list. */
  private static Object present(JsonNode node) {
    return node.isMissingNode() || (node.isEmpty() && node.isContainerNode()) ? "" : node;
  }

  /** The server fills in what a client leaves out. */
  private static ObjectNode probe(JsonNode pod) {
    JsonNode probe = pod.at("/spec/containers/0/readinessProbe");
    return probe.isMissingNode()
        ? new ObjectMapper().createObjectNode()
        : probe
            .<ObjectNode>deepCopy()
            .without(
                Set.of("timeoutSeconds", "successThreshold", "failureThreshold", "periodSeconds"));
  }

  private static List<String> images(JsonNode pod) {
    return pod.at("/spec/volumes")
        .valueStream()
        .filter(
            volume ->
                volume.has("image") && !volume.path("name").asText().equals("launcher-volume"))
        .map(
            volume ->
                volume.path("name").asText()
                    + " "
                    + volume.at("/image/reference").asText()
                    + " "
                    + volume.at("/image/pullPolicy").asText())
        .toList();
  }

  private static long memory(JsonNode pod) {
    String quantity = pod.at("/spec/containers/0/resources/requests/memory").asText();
    return io.fabric8.kubernetes.api.model.Quantity.getAmountInBytes(
            new io.fabric8.kubernetes.api.model.Quantity(quantity))
        .longValueExact();
  }
}
