package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher of a pod says of a QEMU that does not do what it should. */
class LauncherTest {

  /** Mounts over /run, so that the launcher's directories are its own. */
  private static final String IN_A_POD =
      """
      mount -t tmpfs none /run
      mkdir -p /run/kubevirt /run/kubevirt-private /run/kubevirt-ephemeral-disks
      [ -z "$NETWORK" ] || touch /run/kubevirt/network-ready
      "$@" >/dev/null 2>&1
      cat /run/kubevirt/state
      """;

  @TempDir Path folder;

  @Test
  void a_monitor_that_never_answers() throws IOException {
    assertThat(launch("sleep 1000", "yes"))
        .isEqualTo("Failed: QEMU did not answer its monitor within 2 s");
  }

  @Test
  void a_QEMU_that_cannot_start() throws IOException {
    assertThat(launch("echo 'qemu: no such machine' >&2; exit 1", "yes"))
        .isEqualTo("Failed: QEMU could not start: qemu: no such machine");
  }

  @Test
  void a_network_that_never_comes() throws IOException {
    assertThat(launch("sleep 1000", ""))
        .isEqualTo("Failed: the guest's network was not set up within 2 s");
  }

  @Test
  void a_guest_that_answers_and_powers_off() throws IOException {
    String qemu =
        """
        for each; do case $each in pipe,*) pipe=${each##*path=} ;; esac; done
        read -r _ <$pipe.in
        echo '{"return": {}}' >$pipe.out
        echo '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}' >$pipe.out
        """;
    assertThat(launch(qemu, "yes")).isEqualTo("Succeeded");
  }

  /** Runs the launcher with this script in QEMU's place, and returns its last word. */
  private String launch(String qemu, String network) throws IOException {
    Path program = folder.resolve("qemu-system-x86_64");
    Files.writeString(program, "#!/bin/bash\n" + qemu);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    String launcher = DevCluster.SCRIPTS.resolve("kubevirt/launcher").toString();
    return new Command(
            List.of(
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "bash",
                "-c",
                IN_A_POD,
                "pod",
                launcher,
                "5",
                "0",
                "--",
                "-machine",
                "none"),
            Map.of(
                "PATH", folder + ":" + System.getenv("PATH"), "PATIENCE", "2", "NETWORK", network))
        .run()
        .strip();
  }
}
