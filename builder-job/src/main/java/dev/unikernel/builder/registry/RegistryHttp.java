package dev.unikernel.builder.registry;

import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.http.Request;
import com.google.cloud.tools.jib.http.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Jib's HTTP client with rules of ours: plain HTTP, and no attempt at TLS, for exactly the hosts
 * that are named; verified TLS for all others, token services included. A host that takes no
 * connection at first, or shows no trusted certificate, fails at once, since {@link Retry} decides
 * how long to wait, where Jib would try silently for a minute.
 */
final class RegistryHttp extends FailoverHttpClient {
  private static final int WAIT_MILLIS = 10_000;

  private final Set<String> plainHttp;
  private final Set<String> met = ConcurrentHashMap.newKeySet();
  private final FailoverHttpClient plain = new FailoverHttpClient(true, true, event -> {});

  RegistryHttp(Set<String> plainHttp) {
    super(false, false, event -> {});
    this.plainHttp = plainHttp;
  }

  @Override
  public Response call(String method, URL url, Request request) throws IOException {
    boolean isPlain = plainHttp.contains(url.getAuthority());
    URL target = isPlain ? toHttp(url) : url;
    if (!met.contains(url.getAuthority())) {
      meet(target);
      met.add(url.getAuthority());
    }
    return isPlain ? plain.call(method, target, request) : super.call(method, target, request);
  }

  private static URL toHttp(URL url) throws IOException {
    return URI.create(url.toString().replaceFirst("^https:", "http:")).toURL();
  }

  private static void meet(URL url) throws IOException {
    URI host = URI.create(url.getProtocol() + "://" + url.getAuthority());
    if (!ProxySelector.getDefault().select(host).contains(Proxy.NO_PROXY)) {
      return;
    }
    int port = url.getPort() > 0 ? url.getPort() : url.getDefaultPort();
    IOException failure = null;
    for (InetAddress address : InetAddress.getAllByName(url.getHost())) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), WAIT_MILLIS);
        if (url.getProtocol().equals("https")) {
          greet(socket, url.getHost(), port);
        }
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private static void greet(Socket socket, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    socket.setSoTimeout(WAIT_MILLIS);
    try (SSLSocket tls = (SSLSocket) factory.createSocket(socket, host, port, true)) {
      SSLParameters verified = tls.getSSLParameters();
      verified.setEndpointIdentificationAlgorithm("HTTPS");
      tls.setSSLParameters(verified);
      tls.startHandshake();
    }
  }
}
