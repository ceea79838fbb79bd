package dev.unikernel.operator.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Stands between the operator and the real API server, in plain HTTP, and never answers the
 * requests that it is told to stall. One request per connection; watches pass as they are.
 */
public final class StallingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final URI target;
  private final SSLSocketFactory tls;
  private final AtomicInteger stalled = new AtomicInteger();

  private volatile Predicate<String> stalls = path -> false;

  StallingProxy(String apiServer, Path certificate) {
    try {
      this.target = URI.create(apiServer);
      this.tls = trusting(certificate);
      this.server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** From now on, requests for these paths get no answer. */
  public void stall(Predicate<String> paths) {
    stalls = paths;
  }

  /** How many requests have got no answer. */
  public int stalled() {
    return stalled.get();
  }

  private void accept() {
    try {
      while (true) {
        var client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket client) {
    try (client) {
      var head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      if (stalls.test(head.split(" ", 3)[1])) {
        stalled.incrementAndGet();
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
        return;
      }
      try (var upstream = tls.createSocket(target.getHost(), target.getPort())) {
        upstream.getOutputStream().write(oneRequest(head).getBytes(ISO_8859_1));
        Thread.ofVirtual().start(() -> pipe(client, upstream));
        upstream.getInputStream().transferTo(client.getOutputStream());
      }
    } catch (IOException e) {
      // One of both has ended the connection.
    }
  }

  private static void pipe(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // As above.
    }
  }

  private static String oneRequest(String head) {
    if (head.toLowerCase(Locale.ROOT).contains("\nupgrade:")) {
      return head;
    }
    return head.lines()
            .filter(line -> !line.isEmpty())
            .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith("connection:"))
            .collect(Collectors.joining("\r\n"))
        + "\r\nConnection: close\r\n\r\n";
  }

  private static String head(InputStream in) throws IOException {
    var bytes = new ByteArrayOutputStream();
    int end = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      bytes.write(b);
      end = b == '\n' ? end + 1 : b == '\r' ? end : 0;
      if (end == 2) {
        return bytes.toString(ISO_8859_1);
      }
    }
    return "";
  }

  private static SSLSocketFactory trusting(Path certificate) throws IOException {
    try (var file = Files.newInputStream(certificate)) {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (var one : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
        store.setCertificateEntry("ca-" + number++, one);
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
