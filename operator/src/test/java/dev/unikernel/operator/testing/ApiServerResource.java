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

  /** Argument: whether the operator speaks to the API server through a {@link StallingProxy}. */
  public static final String PROXY = "proxy";

  private RealApiServer server;
  private boolean proxied;
  private StallingProxy proxy;

  @Override
  public void init(Map<String, String> arguments) {
    proxied = Boolean.parseBoolean(arguments.get(PROXY));
  }

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
    if (proxied) {
      proxy = new StallingProxy(config.getMasterUrl(), Path.of(config.getCaCertFile()));
    }
    return Map.of(
        "quarkus.kubernetes-client.api-server-url", proxied ? proxy.url() : config.getMasterUrl(),
        "quarkus.kubernetes-client.ca-cert-file", config.getCaCertFile(),
        "quarkus.kubernetes-client.token", Rights.token(server.client()));
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(
        server.client(),
        new TestInjector.AnnotatedAndMatchesType(Administrator.class, KubernetesClient.class));
    injector.injectIntoFields(proxy, new TestInjector.MatchesType(StallingProxy.class));
  }

  @Override
  public void stop() {
    if (proxy != null) {
      proxy.close();
    }
    if (server != null) {
      server.close();
    }
  }
}
