package dev.unikernel.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API server takes the CRDs, by server-side apply, and has nothing to object to. */
class AcceptedSchemaTest {
  private static RealApiServer server;

  @BeforeAll
  static void start() {
    server = RealApiServer.startWithCrds();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void schemasAreStructural() {
    List<CustomResourceDefinition> crds =
        server.client().apiextensions().v1().customResourceDefinitions().list().getItems();
    assertThat(crds).hasSize(2);
    assertThat(crds)
        .allSatisfy(
            crd ->
                assertThat(crd.getStatus().getConditions())
                    .noneMatch(c -> c.getType().equals("NonStructuralSchema")));
  }
}
