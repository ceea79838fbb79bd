package dev.unikernel.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.operator.testing.Rights;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The chart's role gives what the operator uses, and nothing else. That nothing is missing is shown
 * by the tests on the real API server, which run with these rights; each of them also asserts that
 * the rights of its file were used.
 */
class RightsTest {

  /**
   * OpenShift asks for the first two where an ownerReference blocks the owner's deletion; every API
   * server for the others where a patch by server-side apply makes what is not there.
   */
  private static final List<String> NOT_IN_THE_AUDIT_LOG =
      List.of(
          "update unikernel.dev/unikernelimages/finalizers",
          "update unikernel.dev/unikernelservices/finalizers",
          "create services",
          "create configmaps");

  @Test
  void noRightIsThereThatNothingUses() {
    var used = new TreeSet<>(NOT_IN_THE_AUDIT_LOG);
    used.addAll(Rights.listed("image"));
    used.addAll(Rights.listed("service"));
    assertThat(Rights.granted()).containsExactlyElementsOf(used);
  }
}
