package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Cause;
import dev.unikernel.operator.backend.Guest;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Instance.Ending;
import dev.unikernel.operator.backend.Instance.Phase;
import dev.unikernel.operator.status.Outcome;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The reason is the true one: a death is no crash loop, a refusal no crash, a memory no image. */
class VerdictTest {
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();
  private static final Instant NOW = World.START.plusSeconds(1000);
  private static final Cause OFF = new Cause("PoweredOff", "the guest powered itself off");
  private static final Cause REFUSED = new Cause(Cause.REFUSED, "FailedCreate: exceeded quota");
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  private final UnikernelImage image = image();
  private final Guest guest =
      ((Target.Known) Target.of(service(1, ""), Optional.of(image))).guest();

  @Test
  void oneDeathAfterALongLifeIsReplacedAndNoCrashLoop() {
    var verdict = verdict(starting(new Attempt(1, NOW.minusSeconds(5), OFF)));
    assertThat(verdict.reason()).isEqualTo(ServiceReason.Replacing);
    assertThat(verdict.message()).contains("0 of 1").contains("the last: PoweredOff");
  }

  @Test
  void aHaltedRolloutSaysWhatStillServes() {
    var old = new Guest(guest.image(), guest.kernel(), 1, 512, guest.ports(), null, null, null);
    var serving =
        World.in(World.born("hello-old-0", old, Attempt.first(NOW), NOW), Phase.READY, NOW);
    var verdict = verdict(serving, starting(new Attempt(2, NOW.minusSeconds(9), OFF)));
    assertThat(verdict.reason()).isEqualTo(ServiceReason.CrashLoop);
    assertThat(verdict.message())
        .startsWith("1 of 1 instances are available.")
        .contains(
            "The rollout to revision %s has halted; 1 of the older revision %s serve on."
                .formatted(guest.revision(), old.revision()))
        .contains("after 2 failures, the last: PoweredOff");
  }

  @Test
  void anInstanceThatStopsAnsweringIsNeitherStartingNorReplaced() {
    var cause = new Cause("ContainersNotReady", "containers with unready status: [compute]");
    var silent =
        new Instance(
            "hello-0",
            guest.revision(),
            Phase.NOT_READY,
            NOW,
            true,
            true,
            guest,
            new Attempt(1, NOW.minusSeconds(900), OFF),
            null,
            null,
            null,
            null,
            NOW.minusSeconds(900),
            cause);
    var verdict = verdict(silent);
    assertThat(verdict.reason()).isEqualTo(ServiceReason.NotReady);
    assertThat(verdict.message()).contains("hello-0 is NotReady").doesNotContain("failure");
  }

  @Test
  void ofManyFailuresThreeAreNamedAndTheRestCounted() {
    var instances =
        IntStream.range(0, 40)
            .mapToObj(i -> World.born("hello-" + i, guest, Attempt.first(NOW), NOW))
            .toArray(Instance[]::new);
    var verdict = verdict(service(40, ""), Optional.of(image), instances);
    assertThat(verdict.message()).contains("hello-2 is Starting").endsWith("And 37 more.");
  }

  @Test
  void oneFailureIsCountedInTheSingular() {
    assertThat(verdict(starting(new Attempt(1, NOW.minusSeconds(5), OFF))).message())
        .contains("after 1 failure, the last");
  }

  @Test
  void aFirstBootIsAStart() {
    assertThat(verdict(starting(Attempt.first(NOW.minusSeconds(5)))).reason())
        .isEqualTo(ServiceReason.Starting);
  }

  @Test
  void theSecondEndOfARowIsACrashLoopAndStaysOneWhileTheNextBoots() {
    assertThat(verdict(over(new Attempt(1, NOW.minusSeconds(9), OFF), OFF)).reason())
        .isEqualTo(ServiceReason.CrashLoop);
    assertThat(verdict(starting(new Attempt(2, NOW.minusSeconds(9), OFF))).reason())
        .isEqualTo(ServiceReason.CrashLoop);
  }

  @Test
  void whatIsNeverLetBootIsRefusedAndNoCrash() {
    var first = verdict(over(Attempt.first(NOW.minusSeconds(9)), REFUSED));
    var later = verdict(starting(new Attempt(3, NOW.minusSeconds(9), REFUSED)));

    assertThat(first.reason()).isEqualTo(ServiceReason.InstanceRefused);
    assertThat(first.message()).contains("exceeded quota");
    assertThat(later.reason()).isEqualTo(ServiceReason.InstanceRefused);
    assertThat(later.message()).contains("exceeded quota");
  }

  @Test
  void anImageThatIsDeletedTakesNoReadinessFromWhatServes() {
    var verdict = verdict(service(1, served(1, "Serving")), Optional.empty(), ready(guest));
    assertThat(verdict).isInstanceOf(Outcome.Steady.class);
    assertThat(verdict.reason()).isEqualTo(ServiceReason.ImageGone);
    assertThat(verdict.message())
        .contains("1 of 1 instances are available.")
        .contains("UnikernelImage hello was deleted.")
        .contains("no new revision can be rolled out");
  }

  @Test
  void withoutItsImageAServiceIsStillScaled() {
    var scaled = service(2, served(1, "ImageGone"));
    scaled.getMetadata().setGeneration(2L);
    assertThat(verdict(scaled, Optional.empty(), ready(guest)))
        .isInstanceOf(Outcome.Waiting.class)
        .extracting(Outcome::reason)
        .isEqualTo(ServiceReason.ImageGone);
  }

  @Test
  void aSpecThatNamesAnImageThatNeverWasWaitsForItAndSaysWhatRuns() {
    var renamed = service(1, served(0, "Serving"));
    var verdict = verdict(renamed, Optional.empty(), ready(guest));
    assertThat(verdict).isInstanceOf(Outcome.Waiting.class);
    assertThat(verdict.reason()).isEqualTo(ServiceReason.ImageMissing);
    assertThat(verdict.message()).startsWith("1 of 1 instances are available. There is no");
  }

  @Test
  void aChangeThatCannotBeRolledOutWithoutTheImageIsNotReady() {
    var other = new Guest(guest.image(), guest.kernel(), 1, 512, guest.ports(), null, null, null);
    assertThat(verdict(service(1, served(1, "Serving")), Optional.empty(), ready(other)).reason())
        .isEqualTo(ServiceReason.ImageMissing);
  }

  @Test
  void behindAnImageThatIsStalledTheServiceIsStalledPausedOrNot() {
    var stalled =
        KUBERNETES.unmarshal(
            """
            metadata: {name: hello}
            status:
              conditions:
              - {type: Ready, status: 'False', reason: PullRefused, message: the registry says no}
              - {type: Stalled, status: 'True', reason: PullRefused, message: the registry says no}
            """,
            UnikernelImage.class);
    for (var more : List.of("", "rollout: {paused: true}")) {
      var verdict = verdict(service(1, more), Optional.of(stalled));
      assertThat(verdict).isInstanceOf(Outcome.Stalled.class);
      assertThat(verdict.reason()).isEqualTo(ServiceReason.ImageNotReady);
    }
  }

  private Outcome verdict(Instance... instances) {
    return verdict(service(1, ""), Optional.of(image), instances);
  }

  private static Outcome verdict(
      UnikernelService service, Optional<UnikernelImage> image, Instance... instances) {
    var target = Target.of(service, image);
    return Verdict.of(
        service, target, Fleet.of(Observation.of(service, target, List.of(instances), NOW)));
  }

  private Instance starting(Attempt attempt) {
    return World.born("hello-0", guest, attempt, NOW.minusSeconds(3));
  }

  private Instance over(Attempt attempt, Cause cause) {
    var held = World.in(starting(attempt), Phase.HELD, NOW);
    var ending = new Ending(NOW, true, NOW.plus(Duration.ofSeconds(10)));
    return new Instance(
        held.name(),
        held.revision(),
        Phase.HELD,
        NOW,
        false,
        true,
        guest,
        attempt,
        ending,
        null,
        null,
        held.carrier(),
        null,
        cause);
  }

  private static Instance ready(Guest guest) {
    return World.in(World.born("hello-0", guest, Attempt.first(NOW), NOW), Phase.READY, NOW);
  }

  private static String served(int observedGeneration, String reason) {
    return """
        status:
          conditions:
          - {type: Ready, status: 'True', observedGeneration: %d, reason: %s, message: fine}
        """
        .formatted(observedGeneration, reason);
  }

  private static UnikernelService service(int replicas, String more) {
    boolean status = more.startsWith("status");
    return KUBERNETES.unmarshal(
        """
        metadata: {name: hello, generation: 1}
        spec:
          image: {name: hello}
          replicas: %d
          ports: [{name: http, port: 80, targetPort: 8080}]
        %s
        """
            .formatted(replicas, status ? more : more.indent(2)),
        UnikernelService.class);
  }

  private static UnikernelImage image() {
    return KUBERNETES.unmarshal(
        """
        metadata: {name: hello}
        spec: {publish: {registry: {repository: registry.example/hello}}}
        status:
          artifact: {registry: 'registry.example/hello@%1$s', digest: '%1$s', kernel: nanos}
        """
            .formatted(DIGEST),
        UnikernelImage.class);
  }
}
