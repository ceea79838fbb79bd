package dev.unikernel.builder.registry;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v2.ApacheHttpTransport;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import com.google.cloud.tools.jib.http.TransportClient;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.Set;
import org.apache.http.impl.NoConnectionReuseStrategy;

/**
 * Jib's HTTP client with rules of ours: plain HTTP, and no attempt at TLS, for exactly the hosts
 * that are named; verified TLS for all others, token services, upload places and redirects
 * included. A {@link Guard} goes along with each call. Nothing is tried again here, since {@link
 * Retry} decides how long to wait.
 */
final class RegistryHttp extends TransportClient {
  private final PlainHttpHosts plainHttp;
  private final TransportClient plain;

  /**
   * A client for one registry.
   *
   * @param registry {@code host} or {@code host:port}
   * @param plainHttp the same of all that take no TLS
   */
  RegistryHttp(String registry, Set<String> plainHttp) {
    this(registry, PlainHttpHosts.of(plainHttp));
  }

  private RegistryHttp(String registry, PlainHttpHosts plainHttp) {
    super(false, () -> transport(registry, plainHttp));
    this.plainHttp = plainHttp;
    this.plain = new TransportClient(true, () -> transport(registry, plainHttp));
  }

  private static HttpTransport transport(String registry, PlainHttpHosts plainHttp) {
    Guard guard = new Guard(registry, plainHttp);
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
