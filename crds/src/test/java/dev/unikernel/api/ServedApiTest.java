package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.api.UnikernelImageStatus.Artifact;
import dev.unikernel.api.UnikernelImageStatus.BuildStatus;
import dev.unikernel.api.UnikernelImageStatus.PastBuild;
import dev.unikernel.api.UnikernelImageStatus.Rebuild;
import dev.unikernel.api.UnikernelImageStatus.SourceImage;
import dev.unikernel.api.UnikernelImageStatus.Surface;
import dev.unikernel.api.UnikernelServiceStatus.InstanceStatus;
import dev.unikernel.api.UnikernelServiceStatus.RevisionStatus;
import dev.unikernel.api.UnikernelServiceStatus.ServedImage;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the API behaves once the real API server serves it: apply, get, explain, scale, status. */
class ServedApiTest {
  private static final Path VALID =
      RealApiServer.repository().resolve("crds/src/test/resources/valid");
  private static final Path SAMPLES = RealApiServer.repository().resolve("config/samples");
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String NOON = "2026-01-02T12:00:00Z";

  private static RealApiServer server;

  @BeforeAll
  static void start() {
    server = RealApiServer.startWithCrds();
    server.kubectl("apply", "-f", VALID.resolve("unikernelimage/minimal.yaml").toString());
    server.kubectl("apply", "-f", VALID.resolve("unikernelservice/minimal.yaml").toString());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void schemasAreStructural() {
    assertThat(server.client().apiextensions().v1().customResourceDefinitions().list().getItems())
        .hasSize(2)
        .allSatisfy(
            crd ->
                assertThat(crd.getStatus().getConditions())
                    .noneMatch(c -> c.getType().equals("NonStructuralSchema")));
  }

  /**
   * Helm and GitOps tools apply the files beside kubectl: a field that the API server drops or
   * changes is a conflict between the two for ever.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"unikernelimages.unikernel.dev.yaml", "unikernelservices.unikernel.dev.yaml"})
  void aSecondManagerOfTheCrdHasNoConflict(String file) {
    String crd = RealApiServer.repository().resolve("crds").resolve(file).toString();
    server.kubectl("apply", "--server-side", "--field-manager=first", "-f", crd);
    assertThat(
            server.kubectl(
                "apply",
                "--server-side",
                "--field-manager=second",
                "--dry-run=server",
                "-o",
                "name",
                "-f",
                crd))
        .contains(file.replace(".yaml", ""));
  }

  /** {@code kubectl get -o wide} says why. */
  @ParameterizedTest
  @ValueSource(strings = {"uki", "uks"})
  void wideColumnsHaveReasonAndMessage(String kind) {
    assertThat(server.kubectl("get", kind, "-o", "wide").lines().findFirst().orElseThrow())
        .containsSubsequence("AGE", "REASON", "MESSAGE");
  }

  @TestFactory
  Stream<DynamicTest> everySampleIsTaken() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      return files
          .sorted()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(),
                      () ->
                          server.kubectl(
                              "apply",
                              "-n",
                              "kube-public",
                              "--validate=strict",
                              "-f",
                              file.toString())))
          .toList()
          .stream();
    }
  }

  @Test
  void anImageThatNoOperatorHasObservedSaysSo() {
    assertThat(fresh(new UnikernelImage(), "fresh-image", imageSpec()).getStatus())
        .extracting(UnikernelImageStatus::observedGeneration)
        .isEqualTo(-1L);
  }

  @Test
  void aServiceThatNoOperatorHasObservedSaysSo() {
    assertThat(fresh(new UnikernelService(), "fresh-service", serviceSpec()).getStatus())
        .extracting(UnikernelServiceStatus::observedGeneration)
        .isEqualTo(-1L);
  }

  @Test
  void defaultsOfAnImage() {
    assertThat(server.kubectl("get", "uki", "hello", "-o", "jsonpath={.spec}"))
        .isEqualTo(
            """
            {"architecture":"amd64","build":{"backoffLimit":2,"timeoutSeconds":600},\
            "contents":"Minimal","kernel":{"name":"nanos"},\
            "publish":{"registry":{"repository":"registry:5000/hello"}},\
            "source":{"image":{"reference":"node"}}}""");
  }

  @Test
  void defaultsOfAService() {
    assertThat(server.kubectl("get", "uks", "hello", "-o", "jsonpath={.spec}"))
        .isEqualTo(
            """
            {"image":{"name":"hello"},"placement":{"kubevirt":{}},\
            "ports":[{"port":8080,"protocol":"TCP"}],"replicas":1,\
            "resources":{"cpu":1,"memory":"256Mi"},\
            "rollout":{"maxSurge":1,"maxUnavailable":0,"minReadySeconds":0,"paused":false,\
            "progressDeadlineSeconds":600},"service":{"type":"ClusterIP"}}""");
  }

  @Test
  void aProbeHasTheDefaultsOfKubernetes() {
    assertThat(
            server.kubectl(
                "apply",
                "--dry-run=server",
                "-n",
                "kube-system",
                "-f",
                VALID.resolve("unikernelservice/probe-of-an-unnamed-port.yaml").toString(),
                "-o",
                "jsonpath={.spec.readinessProbe}"))
        .isEqualTo(
            """
            {"failureThreshold":3,"httpGet":{"path":"/","port":8080},"initialDelaySeconds":0,\
            "periodSeconds":10,"successThreshold":1,"timeoutSeconds":1}""");
  }

  @Test
  void theWholeStatusOfAnImageIsKept() {
    var artifact =
        new Artifact(DIGEST, "r/hello@" + DIGEST, "nanos", "0.1.54", "ab", 5L, null, "5");
    var surface = new Surface(11, 1, 8, 0, 0, 76000, 526, 900, 12, 3);
    var source = new SourceImage(DIGEST, "1000", List.of("/data"));
    var status =
        new UnikernelImageStatus(
            4L,
            List.of(new Condition("Ready", "True", 4L, NOON, "Built", "Published.")),
            DIGEST,
            artifact,
            surface,
            source,
            new BuildStatus("hello-1", NOON, NOON, 1),
            List.of(new PastBuild(DIGEST, artifact, surface, source, NOON)),
            new Rebuild("1", "Requested", DIGEST, 1, NOON));
    UnikernelImage image = fresh(new UnikernelImage(), "whole-status", imageSpec());
    image.setStatus(status);
    server.client().resource(image).updateStatus();

    assertThat(server.client().resource(image).get().getStatus()).isEqualTo(status);
    assertThat(server.kubectl("get", "uki", "whole-status"))
        .containsPattern("NAME +READY +KERNEL +FILES +EXEC +LIBS +SIZE +AGE\n")
        .containsPattern("whole-status +True +nanos +11 +1 +8 +5 +[0-9]+s");
  }

  @Test
  void theWholeStatusOfAServiceIsKept() {
    var status =
        new UnikernelServiceStatus(
            4L,
            3,
            2,
            3,
            1,
            "unikernel.dev/service=whole-status",
            List.of(
                new Condition("Ready", "False", 4L, NOON, "Rolling", "2 of 3 are ready."),
                new Condition("Reconciling", "True", 4L, NOON, "Rolling", "One boots.")),
            "7c9f5",
            new ServedImage(DIGEST),
            "kubevirt",
            List.of(
                new InstanceStatus(
                    "hello-7c9f5-0", "7c9f5", "Ready", "10.0.0.1", "node", NOON, NOON, 0, "Up")),
            List.of(new RevisionStatus("7c9f5", DIGEST, NOON)),
            "hello.demo.svc:80");
    UnikernelService service = fresh(new UnikernelService(), "whole-status", serviceSpec());
    service.setStatus(status);
    server.client().resource(service).updateStatus();

    assertThat(server.client().resource(service).get().getStatus()).isEqualTo(status);
    assertThat(server.kubectl("get", "uks", "whole-status"))
        .containsPattern("NAME +DESIRED +READY +UP-TO-DATE +AVAILABLE +IMAGE +BACKEND +AGE\n")
        .containsPattern("whole-status +1 +2 +3 +1 +hello +kubevirt +[0-9]+s");
    assertThat(server.client().resource(service).scale().getStatus())
        .satisfies(
            scale -> {
              assertThat(scale.getReplicas()).isEqualTo(3);
              assertThat(scale.getSelector()).isEqualTo("unikernel.dev/service=whole-status");
            });
  }

  @Test
  void aConditionTypeIsThereOnce() {
    UnikernelImage image = fresh(new UnikernelImage(), "twice-ready", imageSpec());
    var ready = new Condition("Ready", "True", 1L, NOON, "Built", "Published.");
    image.setStatus(
        new UnikernelImageStatus(
            1L, List.of(ready, ready), null, null, null, null, null, null, null));
    assertThatThrownBy(() -> server.client().resource(image).updateStatus())
        .hasMessageContaining("status.conditions[1]: Duplicate value: {\"type\":\"Ready\"}");
  }

  @Test
  void scaleChangesReplicas() {
    UnikernelService service = fresh(new UnikernelService(), "scaled", serviceSpec());
    server.kubectl("scale", "uks/scaled", "--replicas=3");
    Scale scale = server.client().resource(service).scale();
    assertThat(scale.getSpec().getReplicas()).isEqualTo(3);
    assertThat(server.client().resource(service).get().getSpec().replicas()).isEqualTo(3);
  }

  @Test
  void bothKindsAreListedByTheirCategory() {
    assertThat(server.kubectl("get", "unikernel", "-o", "name"))
        .contains("unikernelimage.unikernel.dev/hello", "unikernelservice.unikernel.dev/hello");
  }

  @Test
  void explainHasTheSentences() {
    assertThat(server.kubectl("explain", "uki.spec.files.mode"))
        .contains("Permissions of the file in octal, in quotes.");
    assertThat(server.kubectl("explain", "uki.status.source").replaceAll("\\s+", " "))
        .contains("nanos has no users, so the program counts as root there")
        .contains("what the program writes there is gone when its guest ends");
    assertThat(server.kubectl("explain", "uks"))
        .contains("A number of unikernels kept serving one image behind one Service.");
  }

  private static UnikernelImageSpec imageSpec() {
    return server
        .client()
        .resources(UnikernelImage.class)
        .load(VALID.resolve("unikernelimage/minimal.yaml").toFile())
        .item()
        .getSpec();
  }

  private static UnikernelServiceSpec serviceSpec() {
    return server
        .client()
        .resources(UnikernelService.class)
        .load(VALID.resolve("unikernelservice/minimal.yaml").toFile())
        .item()
        .getSpec();
  }

  private static <S, T, R extends CustomResource<S, T>> R fresh(R resource, String name, S spec) {
    resource.getMetadata().setName(name);
    resource.getMetadata().setNamespace("default");
    resource.setSpec(spec);
    return server.client().resource(resource).create();
  }
}
