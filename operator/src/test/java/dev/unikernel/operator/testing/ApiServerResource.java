package dev.unikernel.operator.testing;

import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The real API server with our CRDs behind the application's own client, which may do what the
 * chart's role says: a right that is missing there fails the tests. A test's own hands are a field
 * {@code @Administrator KubernetesClient}. The operator does not start by itself: a test calls
 * {@code Operator.start()} once its objects are there.
 */
public final class ApiServerResource implements QuarkusTestResourceLifecycleManager {
  /** System property: the audit log of the server that runs. */
  static final String AUDIT_LOG = "test.audit-log";

  private static final String AUDIT_POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived, Panic]
      rules:
      - {level: Metadata, users: ["%s"]}
      - {level: None}
      """
          .formatted(Rights.USER);

  private RealApiServer server;

  @Override
  public Map<String, String> start() {
    try {
      var directory = Files.createTempDirectory(Path.of("target"), "audit");
      var policy =
          Files.writeString(directory.resolve("policy.yaml").toAbsolutePath(), AUDIT_POLICY);
      var log = Files.createFile(directory.resolve("audit.log").toAbsolutePath());
      System.setProperty(AUDIT_LOG, log.toString());
      server =
          RealApiServer.startWithCrds("--audit-policy-file=" + policy, "--audit-log-path=" + log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Rights.grantAccount(server.client());
    Config config = server.client().getConfiguration();
    return Map.of(
        "quarkus.kubernetes-client.api-server-url", config.getMasterUrl(),
        "quarkus.kubernetes-client.ca-cert-file", config.getCaCertFile(),
        "quarkus.kubernetes-client.token", Rights.token(server.client()));
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(
        server.client(),
        new TestInjector.AnnotatedAndMatchesType(Administrator.class, KubernetesClient.class));
  }

  @Override
  public void stop() {
    if (server != null) {
      server.close();
    }
  }
}
