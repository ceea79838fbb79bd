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
   * server for the next two where a patch by server-side apply makes what is not there; the SDK for
   * the one after before it asks for the Lease, and the client for the last when there is no Lease
   * yet.
   */
  private static final List<String> NOT_IN_THE_AUDIT_LOG =
      List.of(
          "update unikernel.dev/unikernelimages/finalizers",
          "update unikernel.dev/unikernelservices/finalizers",
          "create services",
          "create configmaps",
          "update coordination.k8s.io/leases",
          "create coordination.k8s.io/leases");

  @Test
  void noRightIsThereThatNothingUses() {
    var used = new TreeSet<>(NOT_IN_THE_AUDIT_LOG);
    used.addAll(Rights.listed("image"));
    used.addAll(Rights.listed("service"));
    used.addAll(Rights.listed("leader"));
    assertThat(Rights.granted()).containsExactlyElementsOf(used);
  }
}
