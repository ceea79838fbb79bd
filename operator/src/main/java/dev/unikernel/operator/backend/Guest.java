package dev.unikernel.operator.backend;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unikernel.api.UnikernelServiceSpec.KubeVirtPlacement;
import dev.unikernel.api.UnikernelServiceSpec.Port;
import dev.unikernel.api.UnikernelServiceSpec.Probe;
import dev.unikernel.operator.kube.Digest;
import java.math.BigInteger;
import java.util.List;

/**
 * All that makes one guest what it is, and so what a revision stands for: two services that say the
 * same boot the same. Its JSON is written on every instance, so that one like it can be booted
 * again when the spec has moved on.
 *
 * @param image {@code repository@sha256:…}
 * @param kernel {@code nanos} (boots from its disk) or {@code linux} (boots kernel and initrd)
 * @param cpu whole virtual CPUs
 * @param memoryMiB the guest's memory
 * @param ports by what the guest listens on; the Service's own port is null
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Guest(
    String image,
    String kernel,
    int cpu,
    long memoryMiB,
    List<Port> ports,
    Probe readinessProbe,
    Probe livenessProbe,
    KubeVirtPlacement kubevirt) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
          .build();

  /** Letters and digits that spell no word and no number. */
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private static final int REVISION_LENGTH = 8;

  public Guest {
    kubevirt = tidy(kubevirt);
  }

  /** To say nothing, and to say that there is nothing, is the same. */
  private static KubeVirtPlacement tidy(KubeVirtPlacement place) {
    if (place == null) {
      return null;
    }
    var tidy =
        new KubeVirtPlacement(
            place.nodeSelector() == null || place.nodeSelector().isEmpty()
                ? null
                : place.nodeSelector(),
            place.affinity(),
            orNull(place.tolerations()),
            orNull(place.topologySpreadConstraints()),
            place.priorityClassName());
    return tidy.equals(new KubeVirtPlacement(null, null, null, null, null)) ? null : tidy;
  }

  private static <T> List<T> orNull(List<T> list) {
    return list == null || list.isEmpty() ? null : list;
  }

  /** The revision: eight letters and digits, the same for the same guest, today and tomorrow. */
  public String revision() {
    var rest = new BigInteger(Digest.sha256(json()), 16);
    var letters = BigInteger.valueOf(ALPHABET.length());
    var revision = new StringBuilder(REVISION_LENGTH);
    for (int i = 0; i < REVISION_LENGTH; i++) {
      var split = rest.divideAndRemainder(letters);
      revision.append(ALPHABET.charAt(split[1].intValue()));
      rest = split[0];
    }
    return revision.toString();
  }

  /** {@code sha256:…} of the image. */
  public String digest() {
    return image.substring(image.indexOf('@') + 1);
  }

  /** Canonical JSON: sorted, nothing that is empty. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a guest is plain data", e);
    }
  }

  /**
   * Reads what {@link #json()} wrote.
   *
   * @throws IllegalArgumentException when the text is something else
   */
  public static Guest parse(String json) {
    try {
      return JSON.readValue(json, Guest.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a guest: " + json, e);
    }
  }
}
