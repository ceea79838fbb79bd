package dev.unikernel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Plays the hosts of upstream's releases on loopback, well and badly. */
final class ReleaseServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);

  ReleaseServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  String file(String path, String content) {
    return file(path, content.getBytes(UTF_8));
  }

  String file(String path, byte[] content) {
    return answer(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        });
  }

  /** Promises one byte more than it sends, then hangs up. */
  String truncated(String path, String content) {
    return answer(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length() + 1);
          exchange.getResponseBody().write(content.getBytes(UTF_8));
        });
  }

  /** Sends all but the last byte, and then nothing for as long as it runs. */
  String stalled(String path, String content) {
    return answer(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length());
          exchange.getResponseBody().write(content.substring(1).getBytes(UTF_8));
          exchange.getResponseBody().flush();
          try {
            closed.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  String redirect(String path, String target) {
    return answer(
        path,
        exchange -> {
          exchange.getResponseHeaders().add("Location", target);
          exchange.sendResponseHeaders(302, -1);
        });
  }

  private interface Answer {
    void give(HttpExchange exchange) throws IOException;
  }

  private String answer(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          try {
            answer.give(exchange);
          } finally {
            exchange.close();
          }
        });
    return url(path);
  }

  static String sha256(String content) {
    return sha256(content.getBytes(UTF_8));
  }

  static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.close();
  }
}
