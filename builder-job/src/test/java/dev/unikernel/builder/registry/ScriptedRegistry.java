package dev.unikernel.builder.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A host on a loopback port that answers as a test wishes, and remembers what it was asked. */
final class ScriptedRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  private volatile byte[] lastBody = {};

  interface Script {
    void answer(HttpExchange request) throws IOException;
  }

  ScriptedRegistry(Script script) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        request -> {
          requests.add(
              "%s %s, Authorization: %s"
                  .formatted(
                      request.getRequestMethod(),
                      request.getRequestURI().getPath(),
                      request.getRequestHeaders().getFirst("Authorization")));
          lastBody = request.getRequestBody().readAllBytes();
          try (request) {
            script.answer(request);
          }
        });
    server.start();
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Method, path and login of each request. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** What the latest request brought. */
  byte[] lastBody() {
    return lastBody.clone();
  }

  static void answer(HttpExchange request, int status, byte[] body) throws IOException {
    request.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    request.getResponseBody().write(body);
  }

  static void answer(HttpExchange request, int status, String body) throws IOException {
    answer(request, status, body.getBytes(UTF_8));
  }

  static void lead(HttpExchange request, int status, String location) throws IOException {
    request.getResponseHeaders().set("Location", location);
    answer(request, status, "");
  }

  /** Goes on until the caller hangs up. */
  static void answerForEver(HttpExchange request, int status) throws IOException {
    request.sendResponseHeaders(status, 0);
    byte[] spaces = " ".repeat(1 << 16).getBytes(UTF_8);
    while (true) {
      request.getResponseBody().write(spaces);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
