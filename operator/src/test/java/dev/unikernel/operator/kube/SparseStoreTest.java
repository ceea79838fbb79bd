package dev.unikernel.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  void labelsAndOwnersStayWhatTheyAre() {
    var map = map("kept");
    map.getMetadata().setLabels(new HashMap<>(Map.of("app", "web")));
    map.getMetadata().setAnnotations(null);
    map.getMetadata().setFinalizers(null);
    map.getMetadata()
        .setOwnerReferences(List.of(new OwnerReferenceBuilder().withName("owner").build()));
    store.put("demo/map", map);
    var meta = store.get("demo/map").getMetadata();
    assertThat(meta.getLabels()).containsExactly(Map.entry("app", "web"));
    assertThat(meta.getAnnotations()).isEmpty();
    assertThat(meta.getFinalizers()).isEmpty();
    assertThat(meta.getOwnerReferences()).extracting(one -> one.getName()).containsExactly("owner");
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
