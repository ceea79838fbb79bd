package dev.unikernel.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InformerCacheTest {

  @Test
  void whoWroteWhichFieldIsNotKept() {
    var store = new InformerCache.Store<ConfigMap>();
    store.put("demo/map", written());
    assertThat(store.get("demo/map").getMetadata().getManagedFields()).isEmpty();
  }

  @Test
  void ofAppliedObjectsTheAppliersAreKept() {
    var kept = written();
    InformerCache.keepAppliers(kept);
    assertThat(kept.getMetadata().getManagedFields())
        .extracting(ManagedFieldsEntry::getManager)
        .containsExactly("unikernelservices");
  }

  @Test
  void theRestStaysAsItWas() {
    var kept = written();
    InformerCache.dropManagers(kept);

    assertThat(kept.getMetadata().getAnnotations()).isEqualTo(Map.of("unikernel.dev/rebuild", "1"));
    assertThat(kept.getData()).isEqualTo(Map.of("key", "value"));
    assertThat(kept.getMetadata().getResourceVersion()).isEqualTo("7");
  }

  private static ConfigMap written() {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("map")
        .withNamespace("demo")
        .withResourceVersion("7")
        .addToAnnotations("unikernel.dev/rebuild", "1")
        .addToAnnotations("kubectl.kubernetes.io/last-applied-configuration", "{}")
        .withManagedFields(
            entry("unikernelservices", "Apply"), entry("kube-controller-manager", "Update"))
        .endMetadata()
        .addToData("key", "value")
        .build();
  }

  private static ManagedFieldsEntry entry(String manager, String operation) {
    return new ManagedFieldsEntryBuilder().withManager(manager).withOperation(operation).build();
  }
}
