package dev.unikernel.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnedTest {

  @Test
  void theOwnerControlsWhatItMade() {
    var owner = configMap("owner", "uid-1");
    var child = new ConfigMapBuilder().withMetadata(Owned.meta(owner, "child", Map.of())).build();

    assertThat(Owned.controls(owner, child)).isTrue();
    assertThat(Owned.controls(configMap("owner", "uid-2"), child)).isFalse();
    assertThat(child.getMetadata().getNamespace()).isEqualTo("demo");
    assertThat(child.getMetadata().getLabels()).containsEntry(Owned.MANAGED_BY, Owned.OPERATOR);
  }

  @Test
  void aLongNameBecomesALabelThatIsStillItsOwn() {
    var one = "a".repeat(70) + ".one";
    var two = "a".repeat(70) + ".two";

    assertThat(Owned.shortened("short", Owned.LABEL_MAX)).isEqualTo("short");
    assertThat(Owned.shortened(one, Owned.LABEL_MAX))
        .hasSize(Owned.LABEL_MAX)
        .isNotEqualTo(Owned.shortened(two, Owned.LABEL_MAX));
    assertThat(Owned.shortened("b".repeat(53) + "." + "c".repeat(20), Owned.LABEL_MAX))
        .matches("b{53}-[0-9a-f]{8}");
  }

  private static ConfigMap configMap(String name, String uid) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("demo")
        .withUid(uid)
        .endMetadata()
        .build();
  }
}
