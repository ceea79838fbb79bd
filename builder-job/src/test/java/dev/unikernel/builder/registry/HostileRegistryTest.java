package dev.unikernel.builder.registry;

import static dev.unikernel.builder.registry.ScriptedRegistry.answer;
import static dev.unikernel.builder.registry.ScriptedRegistry.answerForEver;
import static dev.unikernel.builder.registry.ScriptedRegistry.lead;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.registry.ScriptedRegistry.Script;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries, and what stands in their place, that answer as none should. */
class HostileRegistryTest {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] BLOB = "a blob".getBytes(UTF_8);
  private static final String DIGEST = TestRegistry.digest(BLOB);
  private static final String MANIFEST =
      """
      {"schemaVersion": 2, "mediaType": "%s",
       "config": {"mediaType": "c", "size": 6, "digest": "%s"},
       "layers": [{"mediaType": "l", "size": 6, "digest": "%s"}]}
      """
          .formatted(OCI, DIGEST, DIGEST);

  @TempDir Path directory;

  private static Repository repository(
      ScriptedRegistry registry, Purpose purpose, String... plain) {
    String login = Base64.getEncoder().encodeToString("u:secret".getBytes(UTF_8));
    Logins logins =
        Logins.parse(
            "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}"
                .formatted(registry.host(), login)
                .getBytes(UTF_8));
    List<String> tries = new ArrayList<>();
    return new RegistryAccess(Set.of(plain), logins, Duration.ZERO, tries::add)
        .open(registry.host() + "/app:1", purpose)
        .repository();
  }

  private static Manifest manifest(Script script) throws IOException {
    try (ScriptedRegistry registry = new ScriptedRegistry(script)) {
      return repository(registry, Purpose.PULL_SOURCE, registry.host()).manifest("1", "amd64");
    }
  }

  private void pull(ScriptedRegistry registry, long size, String... plain) {
    repository(registry, Purpose.PULL_SOURCE, plain)
        .pull(new Manifest.Blob(DIGEST, size), directory.resolve("blob"), count -> {});
  }

  private static void assertFails(Code code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure -> assertThat(failure.error().code()).as(failure.getMessage()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void followsRedirectsOnlyToHostsThatTakeTlsOrWereNamed() throws IOException {
    try (ScriptedRegistry other = new ScriptedRegistry(request -> answer(request, 200, BLOB));
        ScriptedRegistry registry =
            new ScriptedRegistry(
                request -> lead(request, 307, "http://" + other.host() + "/elsewhere"))) {
      assertFails(
          Code.PullRefused,
          "sends its callers to http://" + other.host(),
          () -> pull(registry, BLOB.length, registry.host()));
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void takesNoLoginAlongToAnotherHost() throws IOException {
    try (ScriptedRegistry other = new ScriptedRegistry(request -> answer(request, 200, BLOB));
        ScriptedRegistry registry =
            new ScriptedRegistry(
                request -> {
                  if (request.getRequestHeaders().containsKey("Authorization")) {
                    lead(request, 307, "http://" + other.host() + "/elsewhere");
                  } else {
                    request.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                    answer(request, 401, "");
                  }
                })) {
      pull(registry, BLOB.length, registry.host(), other.host());
      assertThat(directory.resolve("blob")).hasBinaryContent(BLOB);
      assertThat(registry.requests()).last().asString().contains("Authorization: Basic");
      assertThat(other.requests()).containsExactly("GET /elsewhere, Authorization: null");
    }
  }

  @Test
  void takesNoLoginAlongWhereUploadsGoElsewhere() throws IOException {
    try (ScriptedRegistry other =
            new ScriptedRegistry(request -> lead(request, 202, "/elsewhere"));
        ScriptedRegistry registry =
            new ScriptedRegistry(
                request -> {
                  if (!request.getRequestHeaders().containsKey("Authorization")) {
                    request.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
                    answer(request, 401, "");
                  } else if (request.getRequestMethod().equals("HEAD")) {
                    answer(request, 404, "");
                  } else {
                    lead(request, 202, "http://" + other.host() + "/elsewhere");
                  }
                })) {
      Path file = Files.write(directory.resolve("file"), BLOB);
      repository(registry, Purpose.PUSH, registry.host(), other.host())
          .push(new Manifest.Blob(DIGEST, BLOB.length), file, count -> {});
      assertThat(registry.requests()).last().asString().contains("POST", "Authorization: Basic");
      assertThat(other.requests())
          .containsExactly(
              "PATCH /elsewhere, Authorization: null", "PUT /elsewhere, Authorization: null");
    }
  }

  @Test
  void asksNoTokenServiceWithoutTls() {
    assertFails(
        Code.PullRefused,
        "sends its callers to http://192.0.2.1:1",
        () ->
            manifest(
                request -> {
                  request
                      .getResponseHeaders()
                      .set("WWW-Authenticate", "Bearer realm=\"http://192.0.2.1:1/t\"");
                  answer(request, 401, "");
                }));
  }

  @Test
  void hearsNoChallengeOfAnotherHost() throws IOException {
    try (ScriptedRegistry other =
            new ScriptedRegistry(
                request -> {
                  String host = request.getRequestHeaders().getFirst("Host");
                  request
                      .getResponseHeaders()
                      .set("WWW-Authenticate", "Bearer realm=\"http://%s/t\"".formatted(host));
                  answer(request, 401, "");
                });
        ScriptedRegistry registry =
            new ScriptedRegistry(
                request -> lead(request, 307, "http://" + other.host() + "/elsewhere"))) {
      assertFails(Code.PullRefused, "401", () -> pull(registry, 6, registry.host(), other.host()));
      assertThat(other.requests()).containsExactly("GET /elsewhere, Authorization: null");
    }
  }

  @Test
  void quotesTheRegistrysReasonWithoutSecretsAndControlCharacters() throws IOException {
    String login = Base64.getEncoder().encodeToString("u:secret".getBytes(UTF_8));
    try (ScriptedRegistry registry =
        new ScriptedRegistry(
            request ->
                answer(
                    request,
                    400,
                    "{\"errors\": [{\"code\": \"TAG_INVALID\", \"message\":"
                        + " \"a\\u001b[31m\\n secret %s %s\"}]}"
                            .formatted(login, "b".repeat(999))))) {
      assertThatThrownBy(
              () ->
                  repository(registry, Purpose.PULL_SOURCE, registry.host()).manifest("1", "amd64"))
          .hasMessageContaining("answers 400 (TAG_INVALID: a [31m … … bbb")
          .hasMessageEndingWith("b…)")
          .hasMessageNotContaining("secret")
          .hasMessageNotContaining(login);
    }
    for (String body :
        List.of("", "no JSON", "{\"errors\": []}", "{\"errors\": [{\"code\": \"<b>\"}]}", "[1]")) {
      assertFails(
          Code.PullRefused, "answers 400", () -> manifest(request -> answer(request, 400, body)));
    }
  }

  @Test
  void schema1IsNamed() {
    assertFails(
        Code.SourceCorrupt,
        "schema 1",
        () ->
            manifest(request -> answer(request, 200, "{\"schemaVersion\": 1, \"fsLayers\": []}")));
  }

  @Test
  void aTokenServiceWithoutTokenQuotesNoLogin() {
    assertThatThrownBy(
            () ->
                manifest(
                    request -> {
                      String host = request.getRequestHeaders().getFirst("Host");
                      request
                          .getResponseHeaders()
                          .set("WWW-Authenticate", "Bearer realm=\"http://%s/t\"".formatted(host));
                      boolean token = request.getRequestURI().getPath().equals("/t");
                      answer(request, token ? 200 : 401, "{}");
                    }))
        .isInstanceOf(BuildFailure.class)
        .hasMessageContaining("its token service gives no token")
        .satisfies(failure -> assertThat(failure.getCause()).hasMessageNotContaining("scope"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>captive portal</html>",
        "",
        "null",
        "[]",
        "{}",
        "{\"schemaVersion\": 2}",
        "{\"schemaVersion\": 3, \"config\": {}}",
        "{\"schemaVersion\": 1}",
        "{\"schemaVersion\": 2, \"layers\": null}",
        "{\"schemaVersion\": 2, \"config\": null}",
        "{\"schemaVersion\": 2, \"config\": {}, \"layers\": [{}]}",
        "{\"schemaVersion\": 2, \"config\": {\"digest\": \"nonsense\"}, \"layers\": []}",
        "{\"schemaVersion\": 2, \"manifests\": null, \"config\": {}}",
        "{\"schemaVersion\": 2, \"manifests\": [null]}",
        "{\"schemaVersion\": 2, \"manifests\": [{\"platform\": null}]}",
        "{\"schemaVersion\": 2, \"mediaType\": \"text/plain\"}"
      })
  void anAnswerThatIsNoManifestIsNotWorthATryMore(String body) {
    assertThatThrownBy(() -> manifest(request -> answer(request, 200, body)))
        .isInstanceOfSatisfying(
            BuildFailure.class,
            failure ->
                assertThat(failure.error().code()).isIn(Code.SourceCorrupt, Code.WrongArchitecture))
        .message()
        .doesNotContain("Exception", "line:", "java.");
  }

  @Test
  void layersNeedDigests() {
    for (String layers :
        List.of("null", "[null]", "[{\"size\": 1}]", "[{\"size\": -1, \"digest\": \"%s\"}]")) {
      String body = MANIFEST.replaceFirst("\"layers\": .*]", "\"layers\": " + layers);
      assertFails(
          Code.SourceCorrupt,
          "makes no sense",
          () -> manifest(request -> answer(request, 200, body.formatted(DIGEST))));
    }
  }

  @Property(tries = 200)
  void manyBrokenManifestsAreRefusedAndNothingWorse(@ForAll Random random) throws IOException {
    byte[] body = MANIFEST.getBytes(UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      body[random.nextInt(body.length)] = (byte) "{}[]\",:0n \u007f".charAt(random.nextInt(11));
    }
    try {
      assertThat(manifest(request -> answer(request, 200, body)).config()).isNotNull();
    } catch (BuildFailure refused) {
      assertThat(refused.error().code())
          .as(refused.getMessage())
          .isIn(Code.SourceCorrupt, Code.WrongArchitecture);
    }
  }

  @Test
  void readsNoAnswerWithoutEnd() {
    assertFails(
        Code.SourceCorrupt,
        "more than 4194304 bytes",
        () -> manifest(request -> answerForEver(request, 200)));
    assertFails(
        Code.SourceUnavailable, "500", () -> manifest(request -> answerForEver(request, 500)));
  }

  @Test
  void believesNoBlobOfAnotherSizeThanItsManifestSays() throws IOException {
    try (ScriptedRegistry registry = new ScriptedRegistry(request -> answer(request, 200, BLOB))) {
      pull(registry, BLOB.length, registry.host());
      assertFails(
          Code.SourceCorrupt, "more than the 5 bytes", () -> pull(registry, 5, registry.host()));
      assertFails(Code.SourceCorrupt, "6 bytes, and 7", () -> pull(registry, 7, registry.host()));
    }
    try (ScriptedRegistry registry =
        new ScriptedRegistry(
            request -> {
              if (request.getRequestURI().getPath().equals("/v2/")) {
                answer(request, 200, "");
              } else {
                answerForEver(request, 200);
              }
            })) {
      assertFails(
          Code.SourceCorrupt, "more than the 6 bytes", () -> pull(registry, 6, registry.host()));
    }
  }

  @Test
  void aFullDiskIsNotTheRegistrysFault() throws IOException {
    try (ScriptedRegistry registry = new ScriptedRegistry(request -> answer(request, 200, BLOB))) {
      assertFails(
          Code.ScratchFull,
          "scratch space is full",
          () ->
              repository(registry, Purpose.PULL_SOURCE, registry.host())
                  .pull(new Manifest.Blob(DIGEST, BLOB.length), Path.of("/dev/full"), count -> {}));
    }
  }
}
