package dev.unikernel.builder.registry;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v2.ApacheHttpTransport;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import com.google.cloud.tools.jib.http.ResponseException;
import com.google.cloud.tools.jib.http.TransportClient;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.http.HttpHeaders;
import org.apache.http.impl.NoConnectionReuseStrategy;

/**
 * Jib's HTTP client with additional rules: plain HTTP, and no attempt at TLS, for exactly the hosts
 * that are named; verified TLS for all others, token services, upload places and redirects
 * included. A {@link Guard} goes along with each call. A request that the registry answers with 401
 * is sent once more if its {@link Session} can do what the challenge asks for, at any path and as
 * often as a token runs out. Nothing else is tried again here, since {@link Retry} decides how long
 * to wait.
 */
final class RegistryHttp extends TransportClient {
  private final PlainHttpHosts plainHttp;
  private final TransportClient plain;
  private final Optional<Session> session;

  private RegistryHttp(
      PlainHttpHosts plainHttp, Supplier<HttpTransport> transport, Optional<Session> session) {
    super(false, transport);
    this.plainHttp = plainHttp;
    this.plain = new TransportClient(true, transport);
    this.session = session;
  }

  /**
   * A client that tells the registry what the session knows, and no other host.
   *
   * @param registry {@code host} or {@code host:port}
   * @param plainHttp the same of all that take no TLS
   */
  static RegistryHttp ofRegistry(String registry, PlainHttpHosts plainHttp, Session session) {
    return new RegistryHttp(
        plainHttp,
        () -> transport(new Guard(registry, plainHttp, session::authorization)),
        Optional.of(session));
  }

  /** A client for the token services of a registry. */
  static RegistryHttp ofTokenServices(String registry, PlainHttpHosts plainHttp) {
    return new RegistryHttp(
        plainHttp,
        () -> transport(new Guard(registry, plainHttp, Optional::empty)),
        Optional.empty());
  }

  private static HttpTransport transport(Guard guard) {
    return new ApacheHttpTransport(
        ApacheHttpTransport.newDefaultHttpClientBuilder()
            .disableContentCompression()
            .setConnectionReuseStrategy(NoConnectionReuseStrategy.INSTANCE)
            .addInterceptorLast(guard.ofRequests())
            .addInterceptorLast(guard.ofResponses())
            .build());
  }

  @Override
  public Response call(String method, URL url, Request request) throws IOException {
    try {
      return send(method, url, request);
    } catch (ResponseException refused) {
      if (refused.getStatusCode() == HttpURLConnection.HTTP_UNAUTHORIZED && answered(refused)) {
        return send(method, url, request);
      }
      throw refused;
    }
  }

  private boolean answered(ResponseException refused) throws IOException {
    List<String> challenges =
        refused.getHeaders().getHeaderStringValues(HttpHeaders.WWW_AUTHENTICATE);
    return session.isPresent() && session.get().answer(Challenge.parse(challenges));
  }

  private Response send(String method, URL url, Request request) throws IOException {
    if (plainHttp.contains(url.getAuthority())) {
      return plain.call(method, toHttp(url), request);
    }
    if (!url.getProtocol().equals("https")) {
      throw new PlainHttpRefused(url.getAuthority());
    }
    return super.call(method, url, request);
  }

  private static URL toHttp(URL url) throws IOException {
    return URI.create(url.toString().replaceFirst("^https:", "http:")).toURL();
  }
}
