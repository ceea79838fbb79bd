package dev.unikernel.e2e;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Ten requests a second, each on a connection of its own, until it is closed. */
final class Traffic implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final URI uri;
  private final ScheduledExecutorService pace = Executors.newScheduledThreadPool(4);
  private final AtomicInteger answered = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  private Traffic(URI uri) {
    this.uri = uri;
  }

  static Traffic to(String endpoint, String path) {
    var traffic = new Traffic(URI.create("http://" + endpoint + path));
    for (int millis = 0; millis < 400; millis += 100) {
      var _ = traffic.pace.scheduleAtFixedRate(traffic::ask, millis, 400, TimeUnit.MILLISECONDS);
    }
    return traffic;
  }

  private void ask() {
    try {
      get(uri);
      answered.incrementAndGet();
    } catch (IOException e) {
      failures.add(e.toString());
    }
  }

  /** The body of a 200; anything else is an IOException. */
  static String get(URI uri) throws IOException {
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestProperty("Connection", "close");
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try (var body = connection.getInputStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      connection.disconnect();
    }
  }

  int answered() {
    return answered.get();
  }

  Iterable<String> failures() {
    return failures;
  }

  @Override
  public void close() {
    pace.shutdownNow();
  }
}
