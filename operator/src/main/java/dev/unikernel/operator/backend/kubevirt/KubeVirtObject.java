package dev.unikernel.operator.backend.kubevirt;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;

/**
 * An object of KubeVirt's API as it is read. Not a CustomResource, each of which holds the names of
 * its kind once more.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonDeserialize(
    using = JsonDeserializer.None.class) // the default finds the class by kind, without end
abstract class KubeVirtObject<S, T> implements HasMetadata, Namespaced {
  static final String GROUP = "kubevirt.io";
  static final String VERSION = "v1";
  private static final long serialVersionUID = 1L;

  private ObjectMeta metadata = new ObjectMeta();
  private S spec;
  private T status;

  @Override
  public ObjectMeta getMetadata() {
    return metadata;
  }

  @Override
  public void setMetadata(ObjectMeta metadata) {
    this.metadata = metadata;
  }

  /** Decided by the class. */
  @Override
  public void setApiVersion(String version) {}

  public S getSpec() {
    return spec;
  }

  public void setSpec(S spec) {
    this.spec = spec;
  }

  public T getStatus() {
    return status;
  }

  public void setStatus(T status) {
    this.status = status;
  }
}
