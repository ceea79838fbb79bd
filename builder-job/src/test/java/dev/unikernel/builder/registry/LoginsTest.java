package dev.unikernel.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.tools.jib.api.Credential;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginsTest {
  private static Logins parse(String auths) {
    return Logins.parse(("{\"auths\": {" + auths + "}}").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theLongestPlaceWins() {
    Logins logins =
        parse(
            """
            "registry.example": {"auth": "aG9zdDphOmI="},
            "https://registry.example/team/": {"username": "team", "password": "p"},
            "https://index.docker.io/v1/": {"username": "hub", "password": "p"}
            """);
    assertThat(logins.of("registry.example", "team/app")).contains(Credential.from("team", "p"));
    assertThat(logins.of("registry.example", "teams/app")).contains(Credential.from("host", "a:b"));
    assertThat(logins.of("registry-1.docker.io", "library/node"))
        .contains(Credential.from("hub", "p"));
    assertThat(logins.of("other.example", "team/app")).isEmpty();
  }

  @Test
  void readsIdentityTokensAndPassesOverEmptyEntries() {
    Logins logins = parse("\"a.example\": {\"identitytoken\": \"t\"}, \"b.example\": {}");
    assertThat(logins.of("a.example", "x")).contains(Credential.from("<token>", "t"));
    assertThat(logins.of("b.example", "x")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "secret words", "{\"auths\": \"secret\"}"})
  void refusesOtherFilesWithoutRepeatingThem(String json) {
    assertThatThrownBy(() -> Logins.parse(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }
}
