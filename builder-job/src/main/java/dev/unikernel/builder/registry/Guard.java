package dev.unikernel.builder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.http.Header;
import org.apache.http.HttpConnection;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHeaders;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpRequestInterceptor;
import org.apache.http.HttpResponse;
import org.apache.http.HttpResponseInterceptor;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.entity.HttpEntityWrapper;
import org.apache.http.protocol.HttpContext;

/**
 * Watches one call to a registry and the redirects that it follows. It goes without TLS to named
 * hosts only, and never once it went with TLS. The registry alone is told who asks, and its
 * challenges alone are heard; a login that a request brings goes to the first host alone. Answers
 * are taken as they come, since digests are of those bytes, and no longer than they may be.
 */
final class Guard {
  /** What registries take of each other (distribution-spec, manifests). */
  private static final long LARGEST_ANSWER = 4 << 20;

  private static final long LARGEST_ERROR = 64 << 10;

  private final String registry;
  private final PlainHttpHosts plainHttp;
  private final Supplier<Optional<String>> authorization;
  private HttpHost first;
  private boolean secure;
  private boolean pullsBlob;

  /**
   * @param authorization the header for the registry, if it has one
   */
  Guard(String registry, PlainHttpHosts plainHttp, Supplier<Optional<String>> authorization) {
    this.registry = registry;
    this.plainHttp = plainHttp;
    this.authorization = authorization;
  }

  HttpRequestInterceptor ofRequests() {
    return this::check;
  }

  HttpResponseInterceptor ofResponses() {
    return this::bound;
  }

  private void check(HttpRequest request, HttpContext context) throws PlainHttpRefused {
    HttpHost host = HttpClientContext.adapt(context).getTargetHost();
    boolean tls = host.getSchemeName().equals("https");
    if (!tls && (secure || !plainHttp.contains(host.toHostString()))) {
      throw new PlainHttpRefused(host.toHostString());
    }
    if (first == null) {
      first = host;
      pullsBlob =
          request.getRequestLine().getMethod().equals("GET")
              && request.getRequestLine().getUri().contains("/blobs/");
    }
    if (!host.equals(first)) {
      request.removeHeaders(HttpHeaders.AUTHORIZATION);
    }
    if (isRegistry(host)) {
      authorization.get().ifPresent(header -> request.setHeader(HttpHeaders.AUTHORIZATION, header));
    }
    request.removeHeaders(HttpHeaders.ACCEPT_ENCODING);
    secure |= tls;
  }

  private boolean isRegistry(HttpHost host) {
    int standard = host.getSchemeName().equals("https") ? 443 : 80;
    int port = host.getPort() < 0 ? standard : host.getPort();
    return registry.equalsIgnoreCase(host.getHostName() + ":" + port)
        || (port == standard && registry.equalsIgnoreCase(host.getHostName()));
  }

  private void bound(HttpResponse response, HttpContext context) {
    if (!isRegistry(HttpClientContext.adapt(context).getTargetHost())) {
      response.removeHeaders(HttpHeaders.WWW_AUTHENTICATE);
    }
    HttpEntity body = response.getEntity();
    if (body == null) {
      return;
    }
    HttpConnection connection = HttpClientContext.adapt(context).getConnection();
    int status = response.getStatusLine().getStatusCode();
    response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
    response.setEntity(
        new Body(
            body,
            connection,
            status >= 400 ? LARGEST_ERROR : pullsBlob ? Long.MAX_VALUE : LARGEST_ANSWER,
            status >= 400));
  }

  /** An answer's body; what lies beyond its bound is an error, or is not there. */
  private static final class Body extends HttpEntityWrapper {
    private final HttpConnection connection;
    private final long bound;
    private final boolean cut;

    Body(HttpEntity body, HttpConnection connection, long bound, boolean cut) {
      super(body);
      this.connection = connection;
      this.bound = bound;
      this.cut = cut;
    }

    @Override
    public InputStream getContent() throws IOException {
      return new BoundedStream(super.getContent(), bound, cut, connection::shutdown);
    }

    @Override
    public Header getContentEncoding() {
      return null;
    }
  }
}
