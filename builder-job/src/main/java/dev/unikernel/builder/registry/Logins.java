package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.registry.RegistryAliasGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The logins of a {@code kubernetes.io/dockerconfigjson} Secret. As in the kubelet, a key may name
 * a registry or a path within one, with or without scheme, and {@code *.example.com} a name in each
 * such place; the closest match wins. Unlike there, a path matches whole names only.
 */
public final class Logins {
  private static final Logins NONE = new Logins(Map.of());

  private final Map<Place, Credential> byPlace;

  private Logins(Map<Place, Credential> byPlace) {
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
    Map<Place, Credential> logins = new HashMap<>();
    auths
        .properties()
        .forEach(
            auth ->
                credential(auth.getValue())
                    .ifPresent(login -> logins.put(Place.of(auth.getKey()), login)));
    return new Logins(logins);
  }

  Optional<Credential> of(String registry, String repository) {
    for (String host : RegistryAliasGroup.getAliasesGroup(registry)) {
      String name = host.toLowerCase(Locale.ROOT);
      Optional<Credential> login =
          byPlace.entrySet().stream()
              .filter(entry -> entry.getKey().matches(name, repository))
              .max(Comparator.comparing(entry -> entry.getKey()))
              .map(Map.Entry::getValue);
      if (login.isPresent()) {
        return login;
      }
    }
    return Optional.empty();
  }

  /**
   * Where a login is for.
   *
   * @param host with its port, if it has one; {@code *} stands for any part of a name between dots
   * @param path empty, or the first names of a repository
   */
  private record Place(String host, String path) implements Comparable<Place> {
    private static final Comparator<Place> CLOSENESS =
        Comparator.comparingInt((Place place) -> place.path().length())
            .thenComparing(place -> !place.host().contains("*"))
            .thenComparingInt(place -> place.host().length())
            .thenComparing(Place::host);

    /** {@code https://index.docker.io/v1/} and the like name their host. */
    static Place of(String key) {
      String place =
          key.toLowerCase(Locale.ROOT)
              .replaceFirst("^https?://", "")
              .replaceFirst("/(v[12]/?)?$", "");
      int slash = place.indexOf('/');
      return slash < 0
          ? new Place(place, "")
          : new Place(place.substring(0, slash), place.substring(slash + 1));
    }

    boolean matches(String registry, String repository) {
      return matchesHost(registry)
          && (repository + "/").startsWith(path.isEmpty() ? "" : path + "/");
    }

    private boolean matchesHost(String registry) {
      if (!host.contains("*")) {
        return host.equals(registry);
      }
      String anyPart =
          Stream.of(host.split("\\*", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining("[^.:]*"));
      return registry.matches(anyPart);
    }

    /** The closer one is the greater. */
    @Override
    public int compareTo(Place other) {
      return CLOSENESS.compare(this, other);
    }
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
