package dev.unikernel.builder.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.api.client.http.UrlEncodedContent;
import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.http.Authorization;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What one repository's registry is told of who asks: nothing until it asks for it, then what its
 * challenge names. A token service is asked for a token with the login, or without one where there
 * is none, since registries give tokens for public images too.
 */
final class Session {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** {@code repository:NAME:ACTIONS} of all that is going to be done. */
  private final String scope;

  private final Optional<Credential> login;
  private final RegistryHttp tokens;
  private final List<String> secrets = new ArrayList<>();
  private volatile String authorization;

  /**
   * @param tokens reaches token services, and tells them no more than it is given
   */
  Session(String scope, Optional<Credential> login, RegistryHttp tokens) {
    this.scope = scope;
    this.login = login;
    this.tokens = tokens;
    login.ifPresent(
        known -> {
          secrets.add(known.getPassword());
          secrets.add(basic(known));
        });
  }

  /** The header for the registry, if it has asked for one. */
  Optional<String> authorization() {
    return Optional.ofNullable(authorization);
  }

  /**
   * Does what the challenges of a 401 ask for.
   *
   * @return whether there is now something new to tell the registry
   */
  boolean answer(List<Challenge> challenges) throws IOException {
    Optional<Challenge> bearer =
        Challenge.first(challenges, "bearer")
            .filter(challenge -> challenge.parameters().containsKey("realm"));
    if (bearer.isPresent()) {
      return tell("Bearer " + token(bearer.get().parameters()));
    }
    return Challenge.first(challenges, "basic").isPresent()
        && login.isPresent()
        && !login.get().isOAuth2RefreshToken()
        && tell("Basic " + basic(login.get()));
  }

  private boolean tell(String header) {
    boolean isNew = !header.equals(authorization);
    authorization = header;
    return isNew;
  }

  /** The text without anything secret that this session has sent or got. */
  String redact(String text) {
    String safe = text;
    for (String secret : secrets) {
      safe = secret.isEmpty() ? safe : safe.replace(secret, "…");
    }
    return safe;
  }

  private String token(Map<String, String> challenge) throws IOException {
    List<String> scopes = scopes(challenge.getOrDefault("scope", ""));
    String service = challenge.get("service");
    String realm = challenge.get("realm");
    Optional<Credential> refresh = login.filter(Credential::isOAuth2RefreshToken);
    try (Response answer =
        refresh.isPresent()
            ? tokens.call("POST", url(realm), exchange(refresh.get(), service, scopes))
            : tokens.call("GET", url(realm + query(realm, service, scopes)), asLogin())) {
      JsonNode json = JSON.readTree(answer.getBody());
      String token = json.path("token").asText(json.path("access_token").asText(""));
      if (!token.matches("[!-~]+")) {
        throw new NoToken();
      }
      secrets.add(token);
      return token;
    }
  }

  /** One that the challenge names is not named twice. */
  private List<String> scopes(String named) {
    List<String> scopes = new ArrayList<>(List.of(scope));
    for (String each : named.split("\\s+", -1)) {
      boolean covered = each.isEmpty() || scope.equals(each) || scope.startsWith(each + ",");
      if (!covered) {
        scopes.add(each);
      }
    }
    return scopes;
  }

  private Request asLogin() {
    Request.Builder request = Request.builder();
    login.ifPresent(
        known ->
            request.setAuthorization(
                Authorization.fromBasicCredentials(known.getUsername(), known.getPassword())));
    return request.build();
  }

  /** OAuth 2.0, as registries speak it (distribution, token/oauth). */
  private static Request exchange(Credential login, String service, List<String> scopes) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", login.getPassword());
    form.put("client_id", "unikernel-builder");
    if (service != null) {
      form.put("service", service);
    }
    form.put("scope", String.join(" ", scopes));
    return Request.builder().setBody(new UrlEncodedContent(form)).build();
  }

  private static String query(String realm, String service, List<String> scopes) {
    List<String> parameters = new ArrayList<>();
    if (service != null) {
      parameters.add("service=" + encoded(service));
    }
    scopes.forEach(each -> parameters.add("scope=" + encoded(each)));
    return parameters.stream()
        .collect(Collectors.joining("&", realm.contains("?") ? "&" : "?", ""));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static URL url(String text) throws Malformed {
    try {
      URI address = URI.create(text);
      if (address.getHost() != null) {
        return address.toURL();
      }
    } catch (IllegalArgumentException | IOException e) {
      throw new Malformed("its token service has an address that is none", e);
    }
    throw new Malformed("its token service has an address that is none");
  }

  private static String basic(Credential login) {
    String pair = login.getUsername() + ":" + login.getPassword();
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }
}
