package dev.unikernel.operator.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unikernel.api.Api;
import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the schemas that the API server serves with those that this operator was built with: a
 * field that the installed CRD lacks is dropped from what users write, and refused in a status.
 */
final class InstalledCrds {
  private static final Logger LOG = LoggerFactory.getLogger(InstalledCrds.class);
  private static final String SERVED = "/openapi/v3/apis/" + Api.GROUP + "/" + Api.VERSION;

  private InstalledCrds() {}

  /** Beside the start, which does not wait for it. */
  static void onStart(
      @Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event,
      KubernetesClient client) {
    Thread.ofVirtual().name("installed-crds").start(() -> compare(client));
  }

  private static void compare(KubernetesClient client) {
    try {
      var served = client.raw(SERVED);
      var missing =
          served == null
              ? List.<String>of()
              : missing(client.getKubernetesSerialization().unmarshal(served, JsonNode.class));
      if (!missing.isEmpty()) {
        LOG.warn(sentence(missing));
      }
    } catch (KubernetesClientException e) {
      LOG.debug("The served schemas cannot be read", e);
    }
  }

  static String sentence(List<String> missing) {
    return "The installed CRDs are older than this operator, and lack "
        + String.join(", ", missing)
        + ": apply those of its version, by `helm upgrade` with crds.enabled=true or by `kubectl apply"
        + " --server-side --force-conflicts -f crds/`";
  }

  /**
   * The fields that are missing, such as {@code UnikernelImage status.surface}; not those below a
   * missing one.
   *
   * @param openApi the API server's OpenAPI v3 document of the group
   */
  static List<String> missing(JsonNode openApi) {
    return Stream.of(UnikernelImage.class, UnikernelService.class)
        .flatMap(kind -> missing(kind, openApi))
        .toList();
  }

  private static Stream<String> missing(
      Class<? extends CustomResource<?, ?>> kind, JsonNode openApi) {
    var name = "dev.unikernel.%s.%s".formatted(Api.VERSION, kind.getSimpleName());
    var schema = openApi.path("components").path("schemas").path(name);
    if (schema.isMissingNode()) {
      return Stream.empty();
    }
    Set<String> served = paths(Schema.of(schema)).collect(Collectors.toSet());
    Set<String> known = paths(CrdFile.schema(kind)).collect(Collectors.toSet());
    return known.stream()
        .filter(path -> !served.contains(path))
        .filter(path -> !known.contains(parent(path)) || served.contains(parent(path)))
        .sorted()
        .map(path -> kind.getSimpleName() + " " + path);
  }

  private static Stream<String> paths(Schema schema) {
    return Stream.of("spec", "status")
        .filter(schema.fields()::containsKey)
        .flatMap(field -> schema.fields().get(field).paths(field));
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('.')).replaceAll("(\\[])+$", "");
  }
}
