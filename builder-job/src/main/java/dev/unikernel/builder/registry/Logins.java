package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.registry.RegistryAliasGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The logins of a {@code kubernetes.io/dockerconfigjson} Secret. As in the kubelet, a key may name
 * a registry or a path within one, with or without scheme; the longest match wins.
 */
public final class Logins {
  private static final Logins NONE = new Logins(Map.of());

  private final Map<String, Credential> byPlace;

  private Logins(Map<String, Credential> byPlace) {
    this.byPlace = Map.copyOf(byPlace);
  }

  public static Logins none() {
    return NONE;
  }

  /**
   * Reads a Secret's value.
   *
   * @param json the content of {@code .dockerconfigjson}
   * @throws IllegalArgumentException where it is no such file; the message holds nothing of it
   */
  public static Logins parse(byte[] json) {
    JsonNode auths;
    try {
      auths = new ObjectMapper().readTree(json).path("auths");
    } catch (IOException e) {
      throw new IllegalArgumentException("no JSON");
    }
    if (!auths.isObject()) {
      throw new IllegalArgumentException("no object `auths`");
    }
    Map<String, Credential> logins = new HashMap<>();
    auths
        .properties()
        .forEach(
            auth ->
                credential(auth.getValue())
                    .ifPresent(login -> logins.put(place(auth.getKey()), login)));
    return new Logins(logins);
  }

  Optional<Credential> of(String registry, String repository) {
    for (String host : RegistryAliasGroup.getAliasesGroup(registry)) {
      String place = host.toLowerCase(Locale.ROOT) + "/" + repository;
      while (!place.isEmpty()) {
        if (byPlace.containsKey(place)) {
          return Optional.of(byPlace.get(place));
        }
        place = place.substring(0, Math.max(place.lastIndexOf('/'), 0));
      }
    }
    return Optional.empty();
  }

  /** {@code https://index.docker.io/v1/} and the like name their host. */
  private static String place(String key) {
    String place = key.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
    return place.replaceFirst("/(v[12]/?)?$", "");
  }

  private static Optional<Credential> credential(JsonNode auth) {
    String token = auth.path("identitytoken").asText("");
    if (!token.isEmpty()) {
      return Optional.of(Credential.from(Credential.OAUTH2_TOKEN_USER_NAME, token));
    }
    String user = auth.path("username").asText("");
    if (!user.isEmpty()) {
      return Optional.of(Credential.from(user, auth.path("password").asText("")));
    }
    return decoded(auth.path("auth").asText(""))
        .filter(pair -> pair.indexOf(':') > 0)
        .map(
            pair ->
                Credential.from(
                    pair.substring(0, pair.indexOf(':')), pair.substring(pair.indexOf(':') + 1)));
  }

  private static Optional<String> decoded(String auth) {
    try {
      byte[] pair = Base64.getMimeDecoder().decode(auth);
      return Optional.of(new String(pair, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
