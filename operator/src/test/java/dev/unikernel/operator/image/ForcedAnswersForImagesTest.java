package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.testing.RealApiServer;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.service.ForcedAnswers;
import dev.unikernel.operator.service.ForcedAnswers.Answer;
import dev.unikernel.operator.testing.ControlPlane;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The image reconciler gets over what an API server in trouble answers. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForcedAnswersForImagesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** How often the client itself sends a request that gets an answer of 500 or more. */
  private static final int TRIES = 2;

  private static int namespaces;

  private static RealApiServer server;
  private static ForcedAnswers forced;
  private static KubernetesClient client;
  private static Operator operator;

  private String namespace;
  private ControlPlane cluster;

  @BeforeAll
  static void start() {
    server = RealApiServer.startWithCrds();
    forced = new ForcedAnswers();
    forced.force(1, "GET", "/unikernelimages?allowWatchBookmarks", Answer.GONE);
    client = forced.client(server.client().getConfiguration(), TRIES);
    var clock = Clock.systemUTC();
    operator = new Operator(settings -> settings.withKubernetesClient(client));
    operator.register(
        new UnikernelImageReconciler(Images.SETTINGS, new Events(client, clock), clock));
    operator.start();
  }

  @AfterAll
  static void stop() {
    if (operator != null) {
      operator.stop();
      client.close();
      forced.close();
      server.close();
    }
  }

  @BeforeEach
  void newNamespace() {
    namespace = "forced-" + ++namespaces;
    cluster = new ControlPlane(server.client());
    server
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  @Test
  @Order(1)
  void aWatchThatIsToldGoneListsAgainAndMissesNothing() {
    image();
    publish(awaitJob());
    assertThat(forced.spent()).isTrue();
  }

  @Test
  @Order(2)
  void aConflictIsRetriedWithoutAWord() {
    var reasons = new CopyOnWriteArrayList<String>();
    try (var _ = watch(reasons)) {
      forced.force(2, "PATCH", "/" + namespace + "/unikernelimages/hello/status", Answer.CONFLICT);
      forced.force(1, "PATCH", "/" + namespace + "/configmaps/", Answer.CONFLICT);
      image();
      publish(awaitJob());
    }
    assertThat(forced.spent()).isTrue();
    assertThat(reasons).contains("Published").doesNotContain("Retrying");
  }

  @Test
  @Order(3)
  void aJobThatCannotBeCreatedNowIsToldInTheServersWordsAndCreatedLater() {
    var messages = new CopyOnWriteArrayList<String>();
    try (var _ = watchMessages(messages)) {
      forced.force(2 * TRIES, "POST", "/" + namespace + "/jobs", Answer.UNAVAILABLE);
      image();
      publish(awaitJob());
    }
    assertThat(forced.spent()).isTrue();
    assertThat(messages)
        .anyMatch(message -> message.contains("the server is currently unable"))
        .noneMatch(message -> message.contains("://"));
  }

  private AutoCloseableWatch watch(List<String> reasons) {
    return watch(condition -> reasons.add(condition.reason()));
  }

  private AutoCloseableWatch watchMessages(List<String> messages) {
    return watch(condition -> messages.add(condition.message()));
  }

  private AutoCloseableWatch watch(java.util.function.Consumer<Condition> seen) {
    var watch =
        server
            .client()
            .resources(UnikernelImage.class)
            .inNamespace(namespace)
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, UnikernelImage image) {
                    Optional.ofNullable(Observation.status(image).conditions())
                        .ifPresent(all -> all.forEach(seen));
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    // The test ends.
                  }
                });
    return watch::close;
  }

  private interface AutoCloseableWatch extends AutoCloseable {
    @Override
    void close();
  }

  private void publish(Job job) {
    cluster.end(
        cluster.run(job), 0, "Completed", Serialization.asJson(Images.report("a".repeat(64))));
    cluster.complete(job);
    await("the disk is published")
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(Observation.status(get()).artifact())
                    .as(() -> "status: " + get().getStatus())
                    .isNotNull());
  }

  private Job awaitJob() {
    return await("a builder Job")
        .atMost(PATIENCE)
        .until(
            () ->
                server
                    .client()
                    .batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .list()
                    .getItems()
                    .stream()
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private UnikernelImage get() {
    return server
        .client()
        .resources(UnikernelImage.class)
        .inNamespace(namespace)
        .withName("hello")
        .get();
  }

  private void image() {
    var image = Images.image("{}");
    image.getMetadata().setNamespace(namespace);
    image.getMetadata().setUid(null);
    image.getMetadata().setGeneration(null);
    server.client().resource(image).create();
  }
}
