package dev.unikernel.builder.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry that sends its callers to a token service first, as Docker Hub does. */
class TokenServiceTest {
  private static final String MANIFEST =
      """
      {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
       "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2,
         "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
       "layers": []}
      """;

  private final List<String> scopes = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private HttpServer server;
  private String host;
  private int failures;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    host = "127.0.0.1:" + server.getAddress().getPort();
    server.createContext("/v2/", this::registry);
    server.createContext("/token", this::token);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void registry(HttpExchange request) throws IOException {
    if (failures > 0) {
      failures--;
      answer(request, 503, "busy");
    } else if ("Bearer the-token".equals(request.getRequestHeaders().getFirst("Authorization"))) {
      request
          .getResponseHeaders()
          .set("Content-Type", "application/vnd.oci.image.manifest.v1+json");
      answer(request, 200, MANIFEST);
    } else {
      request
          .getResponseHeaders()
          .set(
              "WWW-Authenticate", "Bearer realm=\"http://%s/token\",service=\"s\"".formatted(host));
      answer(request, 401, "{}");
    }
  }

  private void token(HttpExchange request) throws IOException {
    scopes.add(request.getRequestURI().getQuery());
    String basic = "Basic " + Base64.getEncoder().encodeToString("u:p".getBytes(UTF_8));
    boolean known = basic.equals(request.getRequestHeaders().getFirst("Authorization"));
    answer(request, known ? 200 : 401, known ? "{\"token\": \"the-token\"}" : "{}");
  }

  private static void answer(HttpExchange request, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    request.sendResponseHeaders(status, bytes.length);
    request.getResponseBody().write(bytes);
    request.close();
  }

  private Manifest manifest(String password) {
    String auth = Base64.getEncoder().encodeToString(("u:" + password).getBytes(UTF_8));
    Logins logins =
        Logins.parse(
            "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(host, auth).getBytes(UTF_8));
    RegistryAccess access =
        new RegistryAccess(Set.of(host), logins, Duration.ofSeconds(5), log::add);
    RegistryAccess.Place place = access.open(host + "/team/app:1", Purpose.PULL_SOURCE);
    return place.repository().manifest(place.qualifier(), "amd64");
  }

  @Test
  void fetchesATokenForExactlyWhatItPulls() {
    assertThat(manifest("p").layers()).isEmpty();
    assertThat(scopes).singleElement().asString().contains("repository:team/app:pull");
  }

  @Test
  void aRefusedLoginIsNoReasonToTryAgain() {
    assertThatThrownBy(() -> manifest("wrong"))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.error().code()).isEqualTo(Code.PullRefused))
        .hasMessageContaining("to the login it was given");
    assertThat(log).isEmpty();
  }

  @Test
  void waitsForABusyRegistry() {
    failures = 2;
    assertThat(manifest("p").layers()).isEmpty();
    assertThat(log).hasSize(2).allMatch(line -> line.contains("503") && line.contains("again"));
  }
}
