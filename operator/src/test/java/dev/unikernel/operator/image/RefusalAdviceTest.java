package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sentences of Kubernetes 1.36, recorded. */
class RefusalAdviceTest {
  private static final String JOB = "hello-66a2079ab4";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: exceeded quota: small, requested: limits.memory=512Mi, used: limits.memory=1Gi,pods=3, limited: limits.memory=1Gi | the pod is forbidden: exceeded quota: small, requested: limits.memory=512Mi, limited: limits.memory=1Gi. Lower spec.build.resources.limits.memory, or ask for a larger quota.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: failed quota: small: must specify limits.cpu for: builder | the pod is forbidden: failed quota: small: must specify limits.cpu for: builder. Set spec.build.resources.limits.cpu.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: failed quota: small: must specify limits.cpu for: builder; requests.ephemeral-storage for: builder | the pod is forbidden: failed quota: small: must specify limits.cpu for: builder; requests.ephemeral-storage for: builder. Set spec.build.resources.limits.cpu and spec.build.resources.requests.ephemeral-storage.
          Error creating: Pod "hello-66a2079ab4-x7k2p" is invalid: spec.containers[0].resources.requests: Invalid value: "250m": must be less than or equal to cpu limit of 200m | the pod is invalid: spec.containers[0].resources.requests: Invalid value: "250m": must be less than or equal to cpu limit of 200m. Set spec.build.resources.limits.cpu: a LimitRange of the namespace gives 200m where it is absent. Or lower spec.build.resources.requests.cpu to that.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: maximum memory usage per Container is 256Mi, but limit is 512Mi | the pod is forbidden: maximum memory usage per Container is 256Mi, but limit is 512Mi. Set spec.build.resources.limits.memory to 256Mi or less.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: maximum cpu usage per Container is 1.  No limit is specified | the pod is forbidden: maximum cpu usage per Container is 1.  No limit is specified. Set spec.build.resources.limits.cpu to 1 or less.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: minimum memory usage per Container is 1Gi, but request is 512Mi | the pod is forbidden: minimum memory usage per Container is 1Gi, but request is 512Mi. Set spec.build.resources.requests.memory and limits.memory to 1Gi or more.
          Error creating: pods "hello-66a2079ab4-x7k2p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5 | the pod is forbidden: exceeded quota: small, requested: pods=1, limited: pods=5. Delete what is no longer needed, or ask for a larger quota small.
          Error creating: admission webhook "x.example" denied the request: pod hello-66a2079ab4-x7k2p has no label owner | admission webhook "x.example" denied the request: the pod has no label owner
          """)
  void theSameRefusalHasTheSameWordsAndSaysWhatToWrite(String message, String told) {
    assertThat(RefusalAdvice.of(message, JOB)).isEqualTo(told);
    var others = message.replace("x7k2p", "99bcd").replaceAll("used: [a-z.]+=\\w+", "used: pods=0");
    assertThat(RefusalAdvice.of(others, JOB)).isEqualTo(told);
  }

  @Test
  void aLongNameIsCutBeforeTheApiServerAddsToIt() {
    var job = "a".repeat(40) + "-66a2079ab4-123456789";
    var pod = (job + "-").substring(0, 58) + "x7k2p";
    assertThat(RefusalAdvice.of("Pod \"" + pod + "\" is invalid: x", job))
        .isEqualTo("the pod is invalid: x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello-66a2079ab4", "quota", "exceeded quota: a", "used: , $1 \\"})
  void anythingElseStaysAsItIs(String message) {
    assertThat(List.of(RefusalAdvice.of(message, JOB), RefusalAdvice.of(message, "")))
        .containsOnly(message);
  }
}
