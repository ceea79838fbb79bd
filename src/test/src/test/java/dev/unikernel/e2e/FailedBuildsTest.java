package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.unikernel.api.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What a user reads when a build cannot be done, and that it heals where it can. */
@WithOperator
class FailedBuildsTest {
  /** Any dynamically linked program of this machine. */
  private static final Path DYNAMIC = Path.of("/usr/bin/env");

  private final Operator operator;
  private Tenant tenant;

  FailedBuildsTest(Operator operator) {
    this.operator = operator;
  }

  @BeforeEach
  void arrive(TestInfo test) {
    tenant = operator.tenant(test);
    tenant.configMap("hello-js", "main.js", Programs.helloJs("1"));
  }

  @AfterEach
  void leave() {
    tenant.leave();
  }

  @Test
  void an_image_that_is_not_there() {
    tenant.apply(hello().replace("/node:18", "/nothing:18"));

    assertThat(tenant.stalled("hello"))
        .extracting(Condition::reason, Condition::message)
        .satisfies(
            said -> {
              assertThat(said.getFirst()).isEqualTo("PullRefused");
              assertThat(said.get(1).toString()).contains("/nothing").contains("404");
            });
  }

  @Test
  void a_ConfigMap_key_that_is_not_there_heals_when_it_comes() {
    tenant.apply(hello().replace("key: main.js", "key: other.js"));
    var said = tenant.unready("hello", "ConfigMapKeyMissing");
    assertThat(said.message()).contains("other.js").contains("hello-js");

    tenant.configMap("hello-js", "other.js", Programs.helloJs("1"));

    tenant.built("hello");
  }

  @Test
  void a_library_that_the_source_lacks() throws IOException {
    var lonely = OneFileImage.of(Files.readAllBytes(DYNAMIC)).push(operator.cluster(), "lonely:1");
    tenant.apply(from(lonely));

    var said = tenant.stalled("hello");
    assertThat(said.reason()).isEqualTo("LibraryMissing");
    assertThat(said.message()).contains("/program").contains("ld-linux-x86-64.so.2");
  }

  @Test
  void a_program_for_another_machine() throws IOException {
    var arm64 = OneFileImage.of(Files.readAllBytes(DYNAMIC)).withMachine(183);
    tenant.apply(from(arm64.push(operator.cluster(), "arm64:1")));

    var said = tenant.stalled("hello");
    assertThat(said.reason()).isEqualTo("WrongArchitecture");
    assertThat(said.message()).contains("arm64").contains("amd64");
  }

  @Test
  void a_kernel_that_the_catalogue_lacks() {
    tenant.apply(hello().replace("name: linux", "name: linux\n    version: \"0.0.1\""));

    var said = tenant.stalled("hello");
    assertThat(said.reason()).isEqualTo("UnknownKernel");
    assertThat(said.message()).contains("0.0.1").contains("linux");
  }

  @Test
  void a_registry_that_is_down_and_comes_back() {
    operator.cluster().stopRegistry();
    try {
      tenant.apply(hello());
      var said = tenant.unready("hello", "SourceUnavailable");
      assertThat(said.message()).contains(operator.registry());
    } finally {
      operator.cluster().startRegistry();
    }

    tenant.built("hello");
  }

  @Test
  void an_operator_killed_while_a_build_runs_finds_it_again() {
    tenant.apply(hello());
    tenant.awaitImage("hello", status -> status.build() != null && status.build().job() != null);

    operator.kill();

    tenant.built("hello");
    await()
        .atMost(Tenant.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        tenant
                            .client()
                            .batch()
                            .v1()
                            .jobs()
                            .inNamespace(tenant.namespace())
                            .list()
                            .getItems())
                    .hasSize(1));
  }

  @Test
  void a_push_that_the_registry_refuses() {
    operator.cluster().startRegistry("builder", "secret");
    try {
      tenant.login("pull", operator.registry(), "builder", "secret");
      tenant.apply(hello().replace("/node:18", "/node:18\n      pullSecret: pull"));

      var said = tenant.stalled("hello");
      assertThat(said.reason()).isEqualTo("PushRefused");
      assertThat(said.message())
          .contains(operator.registry())
          .contains("pushSecret")
          .doesNotContain("secret\"");
    } finally {
      operator.cluster().startRegistry();
    }
  }

  /** The same image object with another source, whose entry point is the program. */
  private String from(String reference) {
    return hello().replace(operator.registry() + "/node:18", reference);
  }

  private String hello() {
    return Programs.node("hello", operator.registry(), "linux");
  }
}
