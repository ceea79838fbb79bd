package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last word of a demo that fails is what it waited for, and why that did not come. */
class DemoTest {

  /** The demo's functions as the demo has them, with nothing started yet. */
  private static final String DEMO =
      """
      set -eu
      for part in cluster/settings.sh demo/tell.sh demo/stage.sh demo/watch.sh; do . "$SOURCES/$part"; done
      demo_home=$SOURCES/demo CONTEXT=mine login= up= installed= made_namespace= made_system= own_kubeconfig= teller=
      trap end_demo EXIT
      patience=0
      """;

  @TempDir Path folder;

  @Test
  void the_last_state_and_the_last_warning_of_what_it_waited_for() throws IOException {
    kubectl(
        """
        case "$*" in
          *events*) echo '{"items": [{"involvedObject": {"kind": "VirtualMachineInstance", "name": "hello-0"}, "reason": "SyncFailed", "message": "no nft"}]}' ;;
          *unikernelservices*) echo '{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Starting", "message": "0 of 1"}]}}' ;;
        esac
        """);

    assertThatThrownBy(() -> demo("follow service hello Ready"))
        .hasMessageContaining("demo: waited 0 minutes until service hello is Ready.")
        .hasMessageContaining("It says: Ready=False Starting: 0 of 1.")
        .hasMessageContaining(
            "The last warning: VirtualMachineInstance hello-0: SyncFailed: no nft");
  }

  @Test
  void what_the_last_look_said() throws IOException {
    kubectl("echo 'timed out waiting' >&2; exit 1");

    assertThatThrownBy(() -> demo("await_available 3"))
        .hasMessageContaining("demo: waited 0 minutes until 3 instances are available")
        .hasMessageContaining("the last look said: timed out waiting");
  }

  @Test
  void a_dev_cluster_that_ended() throws IOException {
    kubectl("exit 1");
    Files.writeString(
        folder.resolve("problems"),
        "  12.1s etcd ended with 137; its last words:\n  full\nup: dev cluster 1 ended.\n");

    assertThatThrownBy(() -> demo("patience=600; await_available 3"))
        .hasMessageContaining("demo: the dev cluster ended by itself: 12.1s etcd ended with 137;");
  }

  @Test
  void the_client_pod_names_a_pull_Secret_only_where_there_is_one() throws IOException {
    kubectl(
        """
        case "$*" in
          "apply"*) cat >"%s" ;;
          "get service"*) echo 10.0.0.1:80 ;;
        esac
        """
            .formatted(folder.resolve("applied")));

    demo("start_client");
    assertThat(clientPod().getSpec().getImagePullSecrets()).isEmpty();

    demo("login=" + folder.resolve("login") + "; start_client");
    assertThat(clientPod().getSpec().getImagePullSecrets())
        .containsExactly(new LocalObjectReference("registry-login"));
  }

  private Pod clientPod() throws IOException {
    return Serialization.unmarshal(Files.readString(folder.resolve("applied")), Pod.class);
  }

  private void kubectl(String script) throws IOException {
    Path program = Files.writeString(folder.resolve("kubectl"), "#!/bin/bash\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void demo(String step) {
    Path problems = folder.resolve("problems");
    String start = DEMO + "problems=" + (Files.exists(problems) ? problems : "") + "\n";
    new Command(
            List.of("bash", "-c", start + "service=hello\n" + step),
            Map.of(
                "REGISTRY",
                "registry.example",
                "SOURCES",
                DevCluster.SCRIPTS.getParent().toString(),
                "PATH",
                folder + ":" + System.getenv("PATH")))
        .run();
  }
}
