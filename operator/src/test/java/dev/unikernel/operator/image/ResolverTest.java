package dev.unikernel.operator.image;

import static dev.unikernel.operator.image.Images.configMap;
import static dev.unikernel.operator.image.Images.image;
import static dev.unikernel.operator.image.Images.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unikernel.operator.status.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResolverTest {
  private static final String FILES =
      "{files: [{path: /main.js, configMap: {name: js, key: main.js}}]}";

  @Test
  void aMissingConfigMapIsWaitedForSinceItMayBeAppliedLater() {
    assertThat(problem(resolve(image(FILES))))
        .isEqualTo(
            new Outcome.Waiting(
                ImageReason.ConfigMapMissing,
                "ConfigMap js (key main.js) does not exist; create it, or correct spec.files."));
  }

  @Test
  void aMissingKeyIsTheUsersAndTheMessageListsThoseThatThereAre() {
    assertThat(problem(resolve(image(FILES), configMap("js", Map.of("b", "", "a", "")))))
        .isEqualTo(
            new Outcome.Stalled(
                ImageReason.ConfigMapKeyMissing,
                "ConfigMap js has no key main.js; it has: a, b. Add the key, or correct"
                    + " spec.files."));
  }

  @Test
  void anUnknownKernelIsToldWhichThereAre() {
    assertThat(problem(resolve(image("{kernel: {name: nanos, version: '9'}}"))).message())
        .isEqualTo(
            "The catalogue has no kernel nanos 9; it has: linux 6.12.48 (default), nanos 0.1.54."
                + " Correct spec.kernel, or ask the platform team for that release.");
  }

  @Test
  void anUnknownKlibIsToldWhichThereAre() {
    assertThat(problem(resolve(image("{kernel: {name: nanos, klibs: [ntp]}}"))).message())
        .isEqualTo("Kernel nanos 0.1.54 has no klib ntp; it has: tls. Correct spec.kernel.klibs.");
  }

  @Test
  void filesThatDoNotFitAreRefusedBeforeTheApiServerDoes() {
    var outcome =
        problem(resolve(image(FILES), configMap("js", Map.of("main.js", "x".repeat(1_000_001)))));
    assertThat(outcome.reason()).isEqualTo(ImageReason.FilesTooLarge);
    assertThat(outcome.message()).startsWith("spec.files holds 1000001 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - {version: '1'} | an entry lacks name or version
          - {name: linux, version: '1', files: {}} | linux 1 needs exactly one of directory, url and image
          - {name: linux, version: '1', url: u, image: i} | linux 1 needs exactly one of directory, url and image
          - {name: linux, version: '1', url: u} | linux 1 lists no files with their sha256
          - {name: linux, version: '1', url: u, files: {a: XY}} | linux 1: the sha256 of a is not 64 lower-case hex digits
          """)
  void aCatalogueThatMakesNoSenseIsRefusedAtStart(String yaml, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelCatalogue.parse(yaml))
        .withMessage("The kernel catalogue makes no sense: " + message);
  }

  private static Outcome problem(Resolution resolution) {
    return ((Resolution.Incomplete) resolution).outcome();
  }
}
