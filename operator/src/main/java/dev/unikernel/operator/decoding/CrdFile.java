package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The CRD that this operator was built with, from the jar of its records. */
final class CrdFile {
  private CrdFile() {}

  /** The schema of the whole object: its fields are {@code spec} and {@code status}. */
  static Schema schema(Class<? extends CustomResource<?, ?>> kind) {
    return schema(read(CustomResource.getCRDName(kind)));
  }

  /** The schema of the one version of a CRD. */
  static Schema schema(JsonNode crd) {
    return Schema.of(crd.at("/spec/versions/0/schema/openAPIV3Schema"));
  }

  private static JsonNode read(String name) {
    try (var file = CrdFile.class.getResourceAsStream("/crds/" + name + ".yaml")) {
      return new KubernetesSerialization().unmarshal(file, JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
