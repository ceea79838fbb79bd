package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What a user sees from {@code kubectl apply} to an answer, and as long as it serves. */
@WithOperator
class ServingTest {
  private final Operator operator;
  private Tenant tenant;

  ServingTest(Operator operator) {
    this.operator = operator;
  }

  @BeforeEach
  void arrive(TestInfo test) {
    tenant = operator.tenant(test);
  }

  @AfterEach
  void leave() {
    tenant.leave();
  }

  @Test
  void applied_objects_become_a_unikernel_that_answers_and_starts_no_second_process()
      throws IOException {
    applyHello("1", 1);

    var image = tenant.built("hello");
    tenant.serving("hello", 1);

    assertThat(image.surface().shells()).isZero();
    assertThat(image.surface().executables()).isEqualTo(1);
    assertThat(image.surface().sourceFiles()).isGreaterThan(100 * image.surface().files());
    assertThat(tenant.ask("hello", "/safe")).contains("main.js");
    assertThat(tenant.ask("hello", "/?cmd=touch%20tmp")).isEqualTo("Error: spawn ENOSYS");
  }

  @Test
  void the_same_on_Nanos() throws IOException {
    assumeTrue(
        System.getenv("NANOS_RELEASE") != null,
        "set NANOS_RELEASE to a directory or URL with a Nanos release to boot it");
    tenant.configMap("hello-js", "main.js", Programs.helloJs("1"));
    tenant.apply(Programs.node("hello", operator.registry(), "nanos"));
    tenant.apply(Programs.service("hello", "hello", 1));

    assertThat(tenant.built("hello").artifact().kernel()).isEqualTo("nanos");
    tenant.serving("hello", 1);

    assertThat(tenant.ask("hello", "/safe")).contains("main.js");
    assertThat(tenant.ask("hello", "/?cmd=touch%20tmp")).isEqualTo("Error: spawn ENOSYS");
  }

  @Test
  void more_and_fewer_are_kept_as_the_scale_says() {
    applyHello("1", 1);
    tenant.serving("hello", 1);

    scale(3);
    assertThat(tenant.serving("hello", 3).instances()).hasSize(3);

    scale(0);
    await()
        .atMost(Tenant.PATIENCE)
        .untilAsserted(() -> assertThat(operator.machines(tenant)).isEmpty());
  }

  @Test
  void a_killed_instance_is_replaced_while_the_others_serve() {
    applyHello("1", 2);
    var before = tenant.serving("hello", 2);
    var victim = before.instances().getFirst().name();

    operator.killGuest(tenant, victim);

    tenant.awaitService(
        "hello",
        status ->
            Integer.valueOf(2).equals(status.availableReplicas())
                && status.instances().stream().noneMatch(each -> each.name().equals(victim)));
  }

  @Test
  void a_new_program_rolls_out_without_a_failed_request_although_the_operator_dies_on_the_way()
      throws IOException {
    applyHello("1", 2);
    var before = tenant.serving("hello", 2);

    try (var traffic = Traffic.to(tenant.endpoint("hello"), "/safe")) {
      tenant.configMap("hello-js", "main.js", Programs.helloJs("2"));
      tenant.awaitService("hello", status -> !Objects.equals(status.revision(), before.revision()));
      operator.kill();
      var after =
          tenant.awaitService(
              "hello",
              status ->
                  !Objects.equals(status.revision(), before.revision())
                      && Integer.valueOf(2).equals(status.updatedReplicas())
                      && Integer.valueOf(2).equals(status.replicas())
                      && Tenant.is(status.conditions(), "Ready", "True"));

      assertThat(after.image().digest()).isNotEqualTo(before.image().digest());
      assertThat(traffic.failures()).isEmpty();
      assertThat(traffic.answered()).isPositive();
    }
    assertThat(tenant.ask("hello", "/version")).isEqualTo("2");
  }

  @Test
  void deletion_leaves_nothing() {
    applyHello("1", 1);
    tenant.serving("hello", 1);

    operator.delete(tenant.service("hello"));
    operator.delete(tenant.image("hello"));

    await()
        .atMost(Tenant.PATIENCE)
        .untilAsserted(() -> assertThat(operator.objects(tenant)).isEqualTo(List.of()));
  }

  private void applyHello(String version, int replicas) {
    tenant.configMap("hello-js", "main.js", Programs.helloJs(version));
    tenant.apply(Programs.node("hello", operator.registry(), "linux"));
    tenant.apply(Programs.service("hello", "hello", replicas));
  }

  private void scale(int replicas) {
    tenant
        .client()
        .resources(dev.unikernel.api.UnikernelService.class)
        .inNamespace(tenant.namespace())
        .withName("hello")
        .scale(replicas);
  }
}
