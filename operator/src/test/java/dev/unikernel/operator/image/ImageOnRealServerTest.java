package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.operator.InformerWatch;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.status.ConditionSet;
import dev.unikernel.operator.testing.Administrator;
import dev.unikernel.operator.testing.ApiServerResource;
import dev.unikernel.operator.testing.ControlPlane;
import dev.unikernel.operator.testing.Rights;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The whole image reconciler on a real API server; the test plays Job controller and kubelet. */
@QuarkusTest
@QuarkusTestResource(value = ApiServerResource.class, restrictToAnnotatedClass = true)
@EnabledIf(
    value = "dev.unikernel.api.testing.RealApiServer#isInstalled",
    disabledReason = "no Kubernetes binaries in the cache; run `make test`")
class ImageOnRealServerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static int namespaces;

  @Administrator KubernetesClient client;
  @Inject KubernetesClient operators;
  @Inject Operator operator;
  @TestHTTPResource URL root;
  private ControlPlane cluster;
  private String namespace;

  @AfterAll
  static void everyRightOfThisRoomWasUsed() {
    Rights.assertUsed("image");
    Rights.assertListsAreLimited();
  }

  /** Builds that go on would take the slots of the next test. */
  @AfterEach
  void deleteImages() {
    client.resources(UnikernelImage.class).inNamespace(namespace).delete();
  }

  @BeforeEach
  void newNamespace() {
    namespace = "test-" + ++namespaces;
    if (!operator.getRuntimeInfo().isStarted()) {
      operator.start();
    }
    cluster = new ControlPlane(client);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  @Test
  void aBuildIsPublishedAndAChangedConfigMapBuildsAgain() {
    apply("hello", "[{path: /main.js, configMap: {name: hello-js, key: main.js}}]");
    awaitReady("hello", "False", "ConfigMapMissing");

    script("console.log(1)");
    var job = awaitJob("hello");
    publish(job, "a");

    var image = awaitReady("hello", "True", "Published");
    assertThat(image.getStatus().conditions()).hasSize(1);
    assertThat(image.getStatus().artifact().registry())
        .isEqualTo("registry.example/hello@sha256:" + "a".repeat(64));
    assertThat(image.getStatus().artifact().size()).isEqualTo("114Mi");
    assertThat(image.getStatus().surface().sourceFiles()).isEqualTo(7600);
    assertThat(image.getStatus().build().job()).isEqualTo(job.getMetadata().getName());
    assertThat(image.getStatus().observedGeneration()).isEqualTo(1);

    script("console.log(2)");
    awaitReady("hello", "False", "BuilderPending");
    var second = awaitJob("hello", job);
    assertThat(get("hello").getStatus().artifact()).isEqualTo(image.getStatus().artifact());
    publish(second, "b");
    assertThat(awaitReady("hello", "True", "Published").getStatus().history()).hasSize(2);

    script("console.log(1)");
    eventually(
        "the first disk is the artifact again",
        () ->
            assertThat(get("hello").getStatus().artifact())
                .isEqualTo(image.getStatus().artifact()));
    assertThat(jobs("hello"))
        .as("only the last Job stays, and its plan does not")
        .extracting(one -> one.getMetadata().getName())
        .containsExactly(second.getMetadata().getName());
    eventually("the plan is gone", () -> assertThat(plans()).isEmpty());
  }

  @Test
  void aFailedBuildStallsUntilItIsGivenWhatItNeeds() {
    apply("hello", "[]");
    var job = awaitJob("hello");
    cluster.end(cluster.run(job), 137, "OOMKilled", "");
    cluster.fail(job, "BackoffLimitExceeded");

    eventually(
        "Stalled tells the limit",
        () ->
            assertThat(
                    ConditionSet.find(
                        Observation.status(get("hello")).conditions(), ConditionSet.STALLED))
                .map(Condition::message)
                .hasValueSatisfying(message -> assertThat(message).contains("limit of 512Mi")));
    var image = awaitReady("hello", "False", "OutOfMemory");
    eventually("a Warning", () -> assertThat(warnings()).contains("OutOfMemory"));

    client
        .resource(image)
        .edit(
            before -> {
              before.setSpec(
                  Images.image(
                          "{build: {timeoutSeconds: 600, backoffLimit: 2, resources: {limits:"
                              + " {memory: 1Gi}}}}")
                      .getSpec());
              return before;
            });
    var second = awaitJob("hello", job);
    assertThat(second.getMetadata().getName()).isEqualTo(job.getMetadata().getName() + "-2");
    publish(second, "c");
    awaitReady("hello", "True", "Published");
  }

  @Test
  void aBuildThatIsNotWantedAnyMoreIsStopped() {
    script("console.log(1)");
    apply("hello", "[{path: /main.js, configMap: {name: hello-js, key: main.js}}]");
    var first = awaitJob("hello").getMetadata().getName();

    script("console.log(2)");

    eventually(
        "the Job of the old inputs is gone",
        () ->
            assertThat(jobs("hello"))
                .hasSize(1)
                .noneMatch(job -> job.getMetadata().getName().equals(first)));
    eventually(
        "the plan of the old inputs is gone",
        () ->
            assertThat(client.configMaps().inNamespace(namespace).withName(first).get()).isNull());
  }

  @Test
  void aDeletedPlanIsThereAgainBeforeThePodMissesIt() {
    apply("hello", "[{path: /main.js, content: 'console.log(1)'}]");
    var name = awaitJob("hello").getMetadata().getName();
    awaitReady("hello", "False", "BuilderPending");
    var plan = client.configMaps().inNamespace(namespace).withName(name);
    var before = plan.get();

    plan.delete();

    eventually("the plan is there again", () -> assertThat(plan.get()).isNotNull());
    assertThat(plan.get().getData()).isEqualTo(before.getData()).containsKey("plan.json");
    assertThat(plan.get().getMetadata().getUid()).isNotEqualTo(before.getMetadata().getUid());
    assertThat(Owned.controls(get("hello"), plan.get())).isTrue();
  }

  @Test
  void anotherOwnersConfigMapInTheWayIsLeftAloneAndReported() {
    var image = client.resource(manifest("hello", "[]")).dryRun().create();
    var name =
        BuilderJob.of(image, inputs(image), 1, Images.SETTINGS.builder())
            .job()
            .getMetadata()
            .getName();
    var theirs =
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace(namespace)
                    .endMetadata()
                    .withData(Map.of("plan.json", "theirs"))
                    .build())
            .create();

    apply("hello", "[]");

    assertThat(ready(awaitReady("hello", "False", "NameTaken")))
        .map(Condition::message)
        .contains(
            "ConfigMap %s exists already and is not controlled by this UnikernelImage. Delete or rename it."
                .formatted(name));
    assertThat(client.resource(theirs).get()).isEqualTo(theirs);
    assertThat(jobs("hello")).isEmpty();

    client.resource(theirs).delete();
    touch("hello");
    assertThat(awaitJob("hello").getMetadata().getName()).isEqualTo(name);
  }

  @Test
  void aForeignJobInTheWayIsLeftAloneAndTold() {
    var image = client.resource(manifest("hello", "[]")).dryRun().create();
    var theirs = BuilderJob.of(image, inputs(image), 1, Images.SETTINGS.builder()).job();
    theirs.getMetadata().setOwnerReferences(List.of());
    var there = client.resource(theirs).create();

    apply("hello", "[]");

    assertThat(ready(awaitReady("hello", "False", "NameTaken")))
        .map(Condition::message)
        .contains(
            "Job %s exists already and is not controlled by this UnikernelImage. Delete or rename it."
                .formatted(there.getMetadata().getName()));
    assertThat(client.resource(theirs).get().getMetadata().getUid())
        .isEqualTo(there.getMetadata().getUid());
  }

  @Test
  void whatAQuotaReallyRefusesIsToldAlsoWhenThePlanHasUsedItsShare() {
    quota("no-jobs", Map.of("count/jobs.batch", new Quantity("0")));
    apply("hello", "[]");

    assertThat(ready(awaitReady("hello", "False", "BuilderRefused")))
        .map(Condition::message)
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .contains("no-jobs", "count/jobs.batch", "ask for a larger quota no-jobs")
                    .doesNotContain("used:", "https://"));
    assertThat(jobs("hello")).isEmpty();

    quota("no-more-plans", Map.of("count/configmaps", new Quantity(plans().size() + "")));
    client.resourceQuotas().inNamespace(namespace).withName("no-jobs").delete();
    touch("hello");
    awaitJob("hello");
  }

  @Test
  void aRefusedPodIsToldOnceHoweverOftenItIsTriedAndSaysWhatToWrite() {
    apply("hello", "[]");
    var job = awaitJob("hello");
    awaitReady("hello", "False", "BuilderPending");

    failedCreate(job, "x7k2p", "2026-01-01T00:00:00Z");

    var image = awaitReady("hello", "False", "BuilderRefused");
    assertThat(ready(image))
        .map(Condition::message)
        .contains(
            "The builder pod is refused: the pod is invalid: spec.containers[0].resources.requests:"
                + " Invalid value: \"250m\": must be less than or equal to cpu limit of 200m. Set"
                + " spec.build.resources.limits.cpu: a LimitRange of the namespace gives 200m where"
                + " it is absent. Or lower spec.build.resources.requests.cpu to that.");

    failedCreate(job, "99bcd", "2026-01-01T00:01:00Z");
    var running = cluster.run(job);
    awaitReady("hello", "False", "Building");
    assertThat(running).isNotNull();
    eventually(
        "one Event for one refusal",
        () ->
            assertThat(client.v1().events().inNamespace(namespace).list().getItems())
                .filteredOn(event -> event.getReason().equals("BuilderRefused"))
                .hasSize(1));
  }

  @Test
  void aSidecarThatRunsOnDoesNotHideThatTheDiskIsPublished() {
    apply("hello", "[]");
    var job = awaitJob("hello");
    var pod = cluster.run(job);
    awaitReady("hello", "False", "Building");

    cluster.endBeside(pod, "istio-proxy", report("d".repeat(64)));

    awaitReady("hello", "True", "Published");
    eventually(
        "the Job is deleted, since its pod would never end",
        () -> assertThat(jobs("hello")).isEmpty());
    assertThat(ready(get("hello"))).map(Condition::status).contains("True");
  }

  @Test
  void moreBuildsThanSlotsWaitInLineAndAreToldSo() {
    for (int i = 1; i <= 4; i++) {
      apply("hello-" + i, "[]");
      if (i <= 3) {
        awaitJob("hello-" + i);
      }
    }
    assertThat(ready(awaitReady("hello-4", "False", "BuilderQueued")))
        .map(Condition::message)
        .contains("The build waits for a builder slot: 3 of 3 run.");
    assertThat(jobs("hello-4")).isEmpty();

    client.resources(UnikernelImage.class).inNamespace(namespace).withName("hello-2").delete();

    awaitJob("hello-4");
  }

  @Test
  void aStatusThatAnotherClientEmptiedIsThereAgainAtOnce() {
    apply("hello", "[]");
    publish(awaitJob("hello"), "e");
    var before = awaitReady("hello", "True", "Published").getStatus();

    client
        .resources(UnikernelImage.class)
        .inNamespace(namespace)
        .withName("hello")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\":{\"artifact\":null,\"history\":null,\"conditions\":[]}}");

    var after = awaitReady("hello", "True", "Published").getStatus();
    assertThat(after.artifact()).isEqualTo(before.artifact());
    assertThat(after.history()).hasSize(1);
  }

  @Test
  void theAnnotationAsksForAnotherBuildOfTheSameInputs() {
    apply("hello", "[]");
    var first = awaitJob("hello");
    publish(first, "a");
    awaitReady("hello", "True", "Published");

    client
        .resource(get("hello"))
        .edit(
            image -> {
              image.getMetadata().setAnnotations(Map.of("unikernel.dev/rebuild", "now"));
              return image;
            });

    var second = awaitJob("hello", first);
    assertThat(second.getMetadata().getName()).isEqualTo(first.getMetadata().getName() + "-2");
    publish(second, "b");
    var image = awaitReady("hello", "True", "Published");
    assertThat(image.getStatus().artifact().digest()).isEqualTo("sha256:" + "b".repeat(64));
    assertThat(image.getStatus().rebuild().handled()).isEqualTo("now");
  }

  private void failedCreate(Job job, String suffix, String at) {
    client
        .resource(
            new EventBuilder()
                .withNewMetadata()
                .withName(job.getMetadata().getName() + "." + suffix)
                .withNamespace(namespace)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName(job.getMetadata().getName())
                .withNamespace(namespace)
                .withUid(job.getMetadata().getUid())
                .endInvolvedObject()
                .withType("Warning")
                .withReason("FailedCreate")
                .withMessage(
                    ("Error creating: Pod \"%s-%s\" is invalid: spec.containers[0].resources.requests:"
                            + " Invalid value: \"250m\": must be less than or equal to cpu limit of"
                            + " 200m")
                        .formatted(job.getMetadata().getName(), suffix))
                .withFirstTimestamp(at)
                .withLastTimestamp(at)
                .withCount(1)
                .build())
        .create();
  }

  /** A quota that is used up; the quota controller, which would say so, is not there. */
  private void quota(String name, Map<String, Quantity> hard) {
    var quota =
        new ResourceQuotaBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .endMetadata()
            .withNewSpec()
            .withHard(hard)
            .endSpec()
            .build();
    client.resource(quota).create();
    quota.setStatus(new ResourceQuotaStatusBuilder().withHard(hard).withUsed(hard).build());
    client.resource(quota).patchStatus();
  }

  /** An edit that leaves the inputs as they are. */
  private void touch(String name) {
    client
        .resource(get(name))
        .edit(
            before -> {
              before.setSpec(
                  Images.image("{build: {timeoutSeconds: 601, backoffLimit: 2}}").getSpec());
              return before;
            });
  }

  private List<ConfigMap> plans() {
    return client.configMaps().inNamespace(namespace).withLabel(Owned.IMAGE).list().getItems();
  }

  @Test
  void healthAndMetricsShowTheStateOfTheOperator() throws IOException {
    assertThat(told("q/health/live")).contains("\"name\": \"watches\"").contains("UP");
    assertThat(told("q/health/ready")).contains("\"unikernelimages\": \"OK\"");
    assertThat(operator.getConfigurationService().getInformerStoppedHandler())
        .containsInstanceOf(InformerWatch.class);
    apply("hello", "[]");
    awaitJob("hello");
    assertThat(told("q/metrics")).containsPattern("reconciliations_[a-z_]+\\{").contains("jvm_");
  }

  private String told(String path) throws IOException {
    try (var answer = root.toURI().resolve(path).toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private List<String> warnings() {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getType().equals("Warning"))
        .map(Event::getReason)
        .toList();
  }

  private void publish(Job job, String digit) {
    var pod = cluster.run(job);
    awaitReady("hello", "False", "Building");
    cluster.end(pod, 0, "Completed", report(digit.repeat(64)));
    cluster.complete(job);
  }

  private static String report(String sha256) {
    return """
    {"artifact":{"registry":"registry.example/hello@sha256:%1$s","digest":"sha256:%1$s",
     "kernel":"linux","kernelVersion":"6.12.48","kernelSha256":"11","sizeBytes":120000000},
     "surface":{"files":11,"executables":1,"sharedLibraries":8,"setuid":0,"shells":0},
     "sourceSurface":{"files":7600,"executables":900,"sharedLibraries":300,"setuid":9,"shells":3},
     "source":{"digest":"sha256:00"}}
    """
        .formatted(sha256);
  }

  private static BuildInputs inputs(UnikernelImage image) {
    var settings = Images.settings("unikernel-builder:dev");
    return ((Resolution.Complete)
            Resolver.resolve(image, Map.of(), Images.CATALOGUE, Images.DNS, settings))
        .inputs();
  }

  private void apply(String name, String files) {
    client.resource(manifest(name, files)).serverSideApply();
  }

  private UnikernelImage manifest(String name, String files) {
    return Serialization.unmarshal(
        """
            apiVersion: unikernel.dev/v1alpha1
            kind: UnikernelImage
            metadata: {name: %s, namespace: %s}
            spec:
              source: {image: {reference: registry.example/node:20}}
              files: %s
              args: [/main.js]
              kernel: {name: linux}
              publish: {registry: {repository: registry.example/hello}}
            """
            .formatted(name, namespace, files),
        UnikernelImage.class);
  }

  private void script(String content) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("hello-js")
                .withNamespace(namespace)
                .endMetadata()
                .withData(Map.of("main.js", content))
                .build())
        .forceConflicts()
        .serverSideApply();
  }

  private UnikernelImage get(String name) {
    return client.resources(UnikernelImage.class).inNamespace(namespace).withName(name).get();
  }

  private List<Job> jobs(String image) {
    return client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withLabel("unikernel.dev/image", image)
        .list()
        .getItems();
  }

  /** The unfinished Job of this image that is none of those known before. */
  private Job awaitJob(String image, Job... known) {
    var names = Stream.of(known).map(job -> job.getMetadata().getName()).toList();
    var found = new AtomicReference<Job>();
    eventually(
        "a new Job of " + image,
        () -> {
          var job =
              jobs(image).stream()
                  .filter(one -> !Attempt.finished(one))
                  .filter(one -> !names.contains(one.getMetadata().getName()))
                  .findFirst();
          assertThat(job).as(() -> "status: " + get(image).getStatus()).isPresent();
          found.set(job.orElseThrow());
        });
    return found.get();
  }

  private UnikernelImage awaitReady(String name, String status, String reason) {
    eventually(
        "Ready=%s %s of %s".formatted(status, reason, name),
        () ->
            assertThat(ready(get(name)))
                .as(() -> "status: " + get(name).getStatus())
                .map(condition -> tuple(condition.status(), condition.reason()))
                .contains(tuple(status, reason)));
    return get(name);
  }

  /** What is awaited happens within seconds, and within minutes on a busy machine. */
  private static void eventually(String what, ThrowingRunnable holds) {
    await(what).atMost(PATIENCE).untilAsserted(holds);
  }

  private static Optional<Condition> ready(UnikernelImage image) {
    return ConditionSet.find(Observation.status(image).conditions(), ConditionSet.READY);
  }
}
