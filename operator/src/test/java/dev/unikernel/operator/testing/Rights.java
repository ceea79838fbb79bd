package dev.unikernel.operator.testing;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the operator may do, and what it does. A right reads {@code verb group/resource}, without a
 * group {@code verb resource}.
 */
public final class Rights {
  private static final String NAMESPACE = "unikernel-system";
  private static final String RELEASE = "unikernel-operator";
  public static final String USER = "system:serviceaccount:" + NAMESPACE + ":" + RELEASE;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path USED =
      RealApiServer.repository().resolve("operator/src/test/resources/rights");

  private Rights() {}

  /**
   * The chart's ServiceAccount, roles and bindings, as a release in {@link #NAMESPACE} has them.
   */
  private static List<String> chart() {
    return Stream.of("rbac.yaml", "leader-election.yaml")
        .map(RealApiServer.repository().resolve("helm/unikernel-operator/templates")::resolve)
        .map(Rights::rendered)
        .flatMap(yaml -> Stream.of(yaml.split("(?m)^---$", -1)))
        .toList();
  }

  private static String rendered(Path template) {
    return read(template)
        .replaceAll("(?m)^ *labels: .*\n", "")
        .replaceAll("(?m)^[{][{]- (if .*|end )[}][}]\n", "")
        .replace("{{ .Release.Name }}", RELEASE)
        .replace("{{ .Release.Namespace }}", NAMESPACE)
        .replace("{{ .Values.leaderElection.namespace }}", "kube-system");
  }

  /** Makes the chart's account, and gives it the chart's rights and nothing else. */
  public static void grantAccount(KubernetesClient administrator) {
    administrator
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .create();
    for (String document : chart()) {
      var object = Serialization.unmarshal(document, GenericKubernetesResource.class);
      administrator.resource(object).serverSideApply();
    }
  }

  /** A token of the chart's account. */
  public static String token(KubernetesClient administrator) {
    return administrator
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(RELEASE)
        .tokenRequest(new TokenRequest())
        .getStatus()
        .getToken();
  }

  /** Every right that the chart's roles give. */
  public static SortedSet<String> granted() {
    return chart().stream()
        .flatMap(Rights::rules)
        .flatMap(Rights::each)
        .collect(toCollection(TreeSet::new));
  }

  private static Stream<PolicyRule> rules(String document) {
    return switch (Serialization.unmarshal(document, KubernetesResource.class)) {
      case ClusterRole role -> role.getRules().stream();
      case Role role -> role.getRules().stream();
      default -> Stream.empty();
    };
  }

  private static Stream<String> each(PolicyRule rule) {
    return rule.getApiGroups().stream()
        .flatMap(
            group ->
                rule.getResources().stream()
                    .flatMap(
                        resource ->
                            rule.getVerbs().stream().map(verb -> right(verb, group, resource))));
  }

  /** The rights that the tests of {@code part} use, as a file lists them. */
  public static List<String> listed(String part) {
    return read(USED.resolve(part + ".txt")).lines().toList();
  }

  /**
   * Asserts that the operator has used every right that the file of {@code part} lists; {@code
   * -Dgolden.update} adds what it has used.
   */
  public static void assertUsed(String part) {
    var audit = Path.of(System.getProperty(ApiServerResource.AUDIT_LOG));
    if (System.getProperty("golden.update") != null) {
      write(USED.resolve(part + ".txt"), used(audit));
    }
    await().untilAsserted(() -> assertThat(used(audit)).containsAll(listed(part)));
  }

  /** Asserts that the operator has asked for no list without a limit of objects in one answer. */
  public static void assertListsAreLimited() {
    assertThat(requests(Path.of(System.getProperty(ApiServerResource.AUDIT_LOG))))
        .filteredOn(event -> event.path("verb").asText().equals("list"))
        .extracting(event -> event.path("requestURI").asText())
        .isNotEmpty()
        .allMatch(uri -> uri.contains("limit="));
  }

  private static Stream<JsonNode> requests(Path audit) {
    return read(audit)
        .lines()
        .map(Rights::parse)
        .filter(event -> USER.equals(event.at("/user/username").asText()))
        .filter(event -> event.has("objectRef"));
  }

  private static SortedSet<String> used(Path audit) {
    return requests(audit)
        .filter(event -> event.at("/responseStatus/code").asInt() != 403)
        .map(
            event -> {
              var object = event.get("objectRef");
              var resource = object.path("resource").asText();
              return right(
                  event.path("verb").asText(),
                  object.path("apiGroup").asText(),
                  object.has("subresource")
                      ? resource + "/" + object.get("subresource").asText()
                      : resource);
            })
        .collect(toCollection(TreeSet::new));
  }

  private static String right(String verb, String group, String resource) {
    return verb + " " + (group.isEmpty() ? resource : group + "/" + resource);
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, Collection<String> lines) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
