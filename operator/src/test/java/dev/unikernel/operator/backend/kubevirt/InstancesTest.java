package dev.unikernel.operator.backend.kubevirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.backend.kubevirt.Recordings.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real KubeVirt 1.9 did, and what the operator makes of it. */
class InstancesTest {

  /** Phases in order, with the first reason where it matters. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
      01-create-kernelboot                  | STARTING READY
      02-create-containerdisk-nanos         | STARTING READY TERMINATING
      03a-delete-grace10-guest-ignores-acpi | STARTING READY TERMINATING
      04-guest-poweroff-x3                  | STARTING READY FAILED:PoweredOff STARTING READY FAILED:PoweredOff STARTING READY NOT_READY:ContainersNotReady FAILED:PoweredOff STARTING READY FAILED:PoweredOff STARTING READY
      05a-panic-minus1                      | STARTING READY NOT_READY:ContainersNotReady READY
      05c-panic-0-pvpanic                   | STARTING READY NOT_READY:ContainersNotReady FAILED:Crashed STARTING
      06b-reboot-policy-terminate           | STARTING READY FAILED:PoweredOff STARTING READY
      07-qemu-killed                        | STARTING READY FAILED:Crashed STARTING READY FAILED:Crashed STARTING READY FAILED:Crashed STARTING READY
      08-launcher-pod-deleted               | STARTING READY FAILED:PodDeleted STARTING READY
      09b-evict-pdb1-replicas2              | STARTING READY FAILED:PodDeleted STARTING READY
      10-readiness-lost-20s                 | STARTING READY NOT_READY:ContainersNotReady READY
      12-image-missing                      | STARTING TERMINATING
      13-unschedulable-then-patched         | STARTING FAILED:Stopped STARTING READY
      14-resourcequota-exceeded             | STARTING READY
      15-podsecurity-restricted             | STARTING
      16-pause-unpause                      | STARTING READY NOT_READY:PausedByUser READY
      17-runstrategy-halted-and-back        | STARTING READY FAILED:Stopped STARTING READY
      19-never-ready                        | STARTING
      23-template-patched-while-running     | STARTING READY FAILED:PoweredOff STARTING READY
      30a-nanos-exit0                       | STARTING READY FAILED:PoweredOff STARTING READY
      30e-nanos-delete-sigterm-handler      | STARTING READY TERMINATING
      """)
  void phasesOf(String scenario, String expected) {
    assertThat(phases(replay(scenario))).isEqualTo(expected);
  }

  @Test
  void everyRecordingIsCovered() throws IOException {
    var covered = new TreeSet<String>();
    try (var scenarios = Files.list(Recordings.directory("kubevirt-recorded"))) {
      scenarios
          .filter(Files::isDirectory)
          .forEach(scenario -> covered.add(scenario.getFileName().toString()));
    }
    assertThat(covered).hasSize(21);
  }

  @Test
  void aGuestThatIsOverHoldsNoMemoryThoughItsConditionsStillSayReady() {
    for (var moment : replay("04-guest-poweroff-x3")) {
      if (moment.instance().phase() == Phase.FAILED) {
        assertThat(moment.instance().occupies()).isFalse();
        assertThat(moment.instance().ending().crashed()).isTrue();
      }
    }
  }

  @Test
  void aPodThatIsDeletedIsGivenUpBeforeItsGuestIs() {
    var failed =
        replay("08-launcher-pod-deleted").stream()
            .filter(moment -> moment.instance().phase() == Phase.FAILED)
            .toList();
    assertThat(failed.getFirst().instance().occupies()).isTrue();
    assertThat(failed.getFirst().instance().ending().crashed()).isFalse();
    assertThat(failed.getLast().instance().occupies()).isFalse();
  }

  @Test
  void theCauseIsInTheWordsOfKubeVirt() {
    assertThat(causes("12-image-missing"))
        .anyMatch(cause -> cause.startsWith("ImagePullBackOff: Back-off pulling image"));
    assertThat(causes("13-unschedulable-then-patched"))
        .anyMatch(cause -> cause.startsWith("Unschedulable: 0/1 nodes are available"));
    assertThat(causes("14-resourcequota-exceeded"))
        .anyMatch(cause -> cause.contains("exceeded quota"));
    assertThat(causes("15-podsecurity-restricted"))
        .anyMatch(cause -> cause.contains("violates PodSecurity"));
  }

  @Test
  void readinessThatWasLostCountsFromItsLoss() {
    var lost =
        replay("10-readiness-lost-20s").stream()
            .map(Moment::instance)
            .filter(instance -> instance.phase() == Phase.NOT_READY)
            .findFirst()
            .orElseThrow();
    assertThat(lost.since()).isAfter(lost.bootedAt().plusSeconds(10));
  }

  @Test
  void aReadyInstanceHasAnAddressAndANode() {
    var ready =
        replay("02-create-containerdisk-nanos").stream()
            .map(Moment::instance)
            .filter(instance -> instance.phase() == Phase.READY)
            .findFirst()
            .orElseThrow();
    assertThat(ready.address()).isEqualTo("10.245.0.11");
    assertThat(ready.location()).isEqualTo("n1");
    assertThat(ready.since()).isAfter(ready.bootedAt());
    assertThat(ready.cause()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "01-starting-kernelboot, STARTING, true",
    "01-starting-nanos, STARTING, true",
    "03-err-image-pull, STARTING, true",
    "05-scheduled, STARTING, true",
    "06-running-not-ready, STARTING, true",
    "07-running-ready, READY, true",
    "10-guest-exited-transient-stopped, FAILED, false",
    "11-recreated-after-exit, STARTING, true",
    "13-failure-create-rejected, FAILED, false",
    "15-halted, FAILED, false",
    "17-terminating, TERMINATING, true"
  })
  void observedSituations(String situation, Phase phase, boolean occupies) {
    var instance =
        Recordings.observed(Recordings.directory("kubevirt-observed").resolve(situation));
    assertThat(instance.phase()).isEqualTo(phase);
    assertThat(instance.occupies()).isEqualTo(occupies);
  }

  private static List<Moment> replay(String scenario) {
    return Recordings.replay(Recordings.directory("kubevirt-recorded").resolve(scenario), "web-r1");
  }

  private static Set<String> causes(String scenario) {
    var causes = new TreeSet<String>();
    for (var moment : replay(scenario)) {
      if (moment.instance().cause() != null) {
        causes.add(moment.instance().cause().toString());
      }
    }
    return causes;
  }

  private static String phases(List<Moment> moments) {
    var phases = new ArrayList<String>();
    Phase last = null;
    for (var moment : moments) {
      if (moment.instance().phase() != last) {
        phases.add(phase(moment.instance()));
        last = moment.instance().phase();
      }
    }
    return String.join(" ", phases);
  }

  private static String phase(Instance instance) {
    return switch (instance.phase()) {
      case FAILED, NOT_READY -> instance.phase() + ":" + instance.cause().reason();
      default -> instance.phase().toString();
    };
  }
}
