package dev.unikernel.operator.testing;

import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.client.Config;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * The real API server with our CRDs behind the application's own client. The operator does not
 * start by itself: a test calls {@code Operator.start()} once its objects are there.
 */
public final class ApiServerResource implements QuarkusTestResourceLifecycleManager {
  private RealApiServer server;

  @Override
  public Map<String, String> start() {
    server = RealApiServer.startWithCrds();
    Config config = server.client().getConfiguration();
    return Map.of(
        "quarkus.kubernetes-client.api-server-url", config.getMasterUrl(),
        "quarkus.kubernetes-client.ca-cert-file", config.getCaCertFile(),
        "quarkus.kubernetes-client.client-cert-file", config.getClientCertFile(),
        "quarkus.kubernetes-client.client-key-file", config.getClientKeyFile(),
        "quarkus.kubernetes-client.client-key-algo", config.getClientKeyAlgo());
  }

  @Override
  public void stop() {
    if (server != null) {
      server.close();
    }
  }
}
