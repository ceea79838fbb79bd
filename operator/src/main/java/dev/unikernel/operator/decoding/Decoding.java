package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec;
import dev.unikernel.api.UnikernelImageStatus;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.api.UnikernelServiceStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** Gives the client the decoders of both kinds, for lists, watches and replies alike. */
@Singleton
public class Decoding implements KubernetesClientObjectMapperCustomizer {

  @Override
  public void customize(ObjectMapper mapper) {
    new SharedText().decodedBy(mapper);
    mapper.addMixIn(Pod.class, WithoutSpec.class);
    mapper.registerModule(
        new SimpleModule("unikernel.dev")
            .addDeserializer(
                UnikernelImage.class,
                new ResourceDeserializer<>(
                    UnikernelImage.class, UnikernelImageSpec.class, UnikernelImageStatus.class))
            .addDeserializer(
                UnikernelService.class,
                new ResourceDeserializer<>(
                    UnikernelService.class,
                    UnikernelServiceSpec.class,
                    UnikernelServiceStatus.class)));
  }

  /** No pod's spec is read, and it is a large part of a launcher pod. */
  @JsonIgnoreProperties("spec")
  private interface WithoutSpec {}
}
