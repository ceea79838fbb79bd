package dev.unikernel.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.Test;

class SparseStoreTest {
  private final SparseStore<ConfigMap> store =
      new SparseStore<>(
          map -> map.getData().containsKey("kept"), map -> map.setAdditionalProperty("trimmed", 1));

  /** The client queues it for the handlers of events. */
  @Test
  void theObjectItselfIsTrimmedWhetherItMattersOrNot() {
    var kept = map("kept");
    store.put("demo/map", kept);
    assertThat(store.get("demo/map")).isSameAs(kept);
    assertThat(kept.getAdditionalProperties()).containsKey("trimmed");

    var other = map("other");
    store.put("demo/other", other);
    assertThat(other.getAdditionalProperties()).containsKey("trimmed");
  }

  @Test
  void whatMattersNoLongerIsForgotten() {
    store.put("demo/map", map("kept"));
    assertThat(store.put("demo/map", map("other"))).isNotNull();
    assertThat(store.get("demo/map")).isNull();
  }

  private static ConfigMap map(String key) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("map")
        .withNamespace("demo")
        .withResourceVersion("7")
        .endMetadata()
        .addToData(key, "value")
        .build();
  }
}
