package dev.unikernel.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.tools.jib.api.Credential;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
  void aStarStandsForOnePartOfAHost() {
    Logins logins =
        parse(
            """
            "*.example.com": {"username": "any", "password": "p"},
            "https://a.Example.com": {"username": "a", "password": "p"},
            "*.example.com/team": {"username": "team", "password": "p"},
            "*.ports.example:5000": {"username": "port", "password": "p"}
            """);
    assertThat(logins.of("b.example.com", "x")).contains(Credential.from("any", "p"));
    assertThat(logins.of("B.EXAMPLE.COM", "x")).contains(Credential.from("any", "p"));
    assertThat(logins.of("a.example.com", "x")).contains(Credential.from("a", "p"));
    assertThat(logins.of("a.example.com", "team/x")).contains(Credential.from("team", "p"));
    assertThat(logins.of("r.ports.example:5000", "x")).contains(Credential.from("port", "p"));
    for (String other :
        new String[] {
          "example.com", "a.b.example.com", "xexample.com", "b.example.com:5000", "r.ports.example"
        }) {
      assertThat(logins.of(other, "x")).as(other).isEmpty();
    }
  }

  @Test
  void plainHttpHostsAreComparedAsHosts() {
    PlainHttpHosts hosts = PlainHttpHosts.of(List.of("Registry.Local:5000", "plain"));
    assertThat(List.of("registry.local:5000", "REGISTRY.local:5000", "plain:80", "plain"))
        .allMatch(hosts::contains);
    assertThat(List.of("registry.local", "plain:443", "other:5000")).noneMatch(hosts::contains);
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
