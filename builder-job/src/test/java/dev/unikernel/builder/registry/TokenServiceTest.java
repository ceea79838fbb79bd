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

  private static String encoded(String login) {
    return Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
  }

  private Logins logins(String password) {
    String auth = encoded("u:" + password);
    return Logins.parse(
        "{\"auths\": {\"*.0.0.1:*\": {\"auth\": \"%s\"}}}".formatted(auth).getBytes(UTF_8));
  }

  private Manifest manifest(String password) {
    RegistryAccess access =
        new RegistryAccess(Set.of(host), logins(password), Duration.ofSeconds(5), log::add);
    RegistryAccess.Place place = access.open(host + "/team/app:1", Purpose.PULL_SOURCE);
    return place.repository().manifest(place.qualifier(), "amd64");
  }

  @Test
  void fetchesATokenForExactlyWhatItPulls() {
    assertThat(manifest("p").layers()).isEmpty();
    assertThat(scopes).singleElement().asString().contains("repository:team/app:pull");
  }

  /** Where {@code /v2/} asks for nothing, and each kind of request for its own scope. */
  @Test
  void answersAChallengeOfAnyRequestWithAndWithoutALogin() throws IOException {
    for (Logins logins : List.of(Logins.none(), logins("p"))) {
      List<String> asked = new ArrayList<>();
      List<String> logged = new ArrayList<>();
      try (ScriptedRegistry registry =
          new ScriptedRegistry(
              request -> {
                String path = request.getRequestURI().getPath();
                String authorization = request.getRequestHeaders().getFirst("Authorization");
                if (path.equals("/v2/")) {
                  ScriptedRegistry.answer(request, 200, "{}");
                } else if (path.equals("/token")) {
                  asked.add(request.getRequestURI().getQuery());
                  logged.add(authorization);
                  ScriptedRegistry.answer(request, 200, "{\"access_token\": \"fresh\"}");
                } else if ("Bearer fresh".equals(authorization)) {
                  ScriptedRegistry.answer(request, 200, MANIFEST);
                } else {
                  request.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"a, Bearer\"");
                  request
                      .getResponseHeaders()
                      .add(
                          "WWW-Authenticate",
                          "Bearer realm=\"http://%s/token?x=1\",service=\"s s\",scope=\"repository:team/app:pull repository:team/base:pull\""
                              .formatted(request.getRequestHeaders().getFirst("Host")));
                  ScriptedRegistry.answer(request, 401, "{}");
                }
              })) {
        RegistryAccess access =
            new RegistryAccess(Set.of(registry.host()), logins, Duration.ZERO, log::add);
        RegistryAccess.Place place =
            access.open(registry.host() + "/team/app:1", Purpose.PULL_SOURCE);
        assertThat(place.repository().manifest("1", "amd64").layers()).isEmpty();
        assertThat(logged)
            .containsExactly(logins == Logins.none() ? null : "Basic " + encoded("u:p"));
        assertThat(asked)
            .containsExactly(
                "x=1&service=s s&scope=repository:team/app:pull&scope=repository:team/base:pull");
      }
    }
  }

  @Test
  void anExpiredTokenIsReplaced() throws IOException {
    int[] tokens = {0};
    try (ScriptedRegistry registry =
        new ScriptedRegistry(
            request -> {
              String authorization = request.getRequestHeaders().getFirst("Authorization");
              if (request.getRequestURI().getPath().equals("/token")) {
                ScriptedRegistry.answer(
                    request, 200, "{\"token\": \"t%d\"}".formatted(++tokens[0]));
              } else if (("Bearer t" + tokens[0]).equals(authorization) && tokens[0] != 1) {
                ScriptedRegistry.answer(request, 200, MANIFEST);
              } else {
                request
                    .getResponseHeaders()
                    .add(
                        "WWW-Authenticate",
                        "Bearer realm=\"http://%s/token\""
                            .formatted(request.getRequestHeaders().getFirst("Host")));
                ScriptedRegistry.answer(request, 401, "{}");
              }
            })) {
      Repository repository =
          new RegistryAccess(Set.of(registry.host()), Logins.none(), Duration.ZERO, log::add)
              .open(registry.host() + "/app:1", Purpose.PULL_SOURCE)
              .repository();
      assertThatThrownBy(() -> repository.manifest("1", "amd64")).hasMessageContaining("401");
      assertThat(repository.manifest("1", "amd64").layers()).isEmpty();
      assertThat(tokens[0]).isEqualTo(2);
    }
  }

  @Test
  void challengesAreReadAsTheyAreWritten() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Negotiate, BEARER realm = \"https://a/t?x=1,2\" , Service=b,scope=\"\"",
                    "Basic",
                    "nonsense=1 \"")))
        .containsExactly(
            new Challenge("negotiate", java.util.Map.of()),
            new Challenge(
                "bearer",
                java.util.Map.of("realm", "https://a/t?x=1,2", "service", "b", "scope", "")),
            new Challenge("basic", java.util.Map.of("nonsense", "1")));
    assertThat(Challenge.parse(List.of("\"".repeat(100_000), "", "=,="))).isEmpty();
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
