package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelServiceSpec.Rollout;
import io.fabric8.kubernetes.api.model.IntOrString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same numbers as a Deployment's. */
class BoundsTest {

  @ParameterizedTest
  @CsvSource({
    "1,0,3,1,0",
    "25%,25%,3,1,0",
    "25%,25%,10,3,2",
    "0%,25%,3,0,1",
    "100%,100%,4,4,4",
    "0%,0%,4,0,1",
    "10%,0,1,1,0",
    "999%,100%,1000,9990,1000",
    "999%,0,2147483647,2147483647,0",
    "2147483647,2147483647,1,2147483647,2147483647"
  })
  void surgeRoundsUpAndUnavailableDown(
      String surge, String unavailable, int desired, int expectedSurge, int expectedUnavailable) {
    var rollout = new Rollout(value(surge), value(unavailable), null, null, null);
    assertThat(Bounds.of(rollout, desired))
        .isEqualTo(new Bounds(expectedSurge, expectedUnavailable));
  }

  static IntOrString value(String text) {
    return text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.parseInt(text));
  }
}
