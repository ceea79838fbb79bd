package dev.unikernel.operator.service;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers that a healthy API server does not give: the next requests that a test names go to a mock
 * server, all others to the real one.
 */
public final class ForcedAnswers implements Interceptor, AutoCloseable {

  /** A path of the mock server that always answers so. */
  public enum Answer {
    CONFLICT(409, "Conflict", "the object has been modified"),
    UNAVAILABLE(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
    WEBHOOK_DOWN(500, "InternalError", "failed calling webhook \"virtualmachine-validator\""),
    GONE(0, "Expired", "too old resource version");

    private final int code;
    private final String reason;
    private final String message;

    Answer(int code, String reason, String message) {
      this.code = code;
      this.reason = reason;
      this.message = message;
    }
  }

  private record Order(String method, String part, Answer answer, AtomicInteger left) {
    boolean takes(HttpRequest request) {
      return request.method().equals(method)
          && request.uri().toString().contains(part)
          && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }
  }

  private final KubernetesMockServer server = new KubernetesMockServer(false);
  private final List<Order> orders = new CopyOnWriteArrayList<>();

  public ForcedAnswers() {
    server.init();
    for (var answer : Answer.values()) {
      var status =
          new StatusBuilder()
              .withStatus("Failure")
              .withCode(answer.code == 0 ? HttpURLConnection.HTTP_GONE : answer.code)
              .withReason(answer.reason)
              .withMessage(answer.message)
              .build();
      var expected = server.expect().withPath("/" + answer);
      if (answer == Answer.GONE) {
        expected
            .andUpgradeToWebSocket()
            .open()
            .waitFor(2_000)
            .andEmit(new WatchEvent(status, "ERROR"))
            .done()
            .always();
      } else {
        expected.andReturn(answer.code, status).always();
      }
    }
  }

  /**
   * The next {@code times} requests with this method and this part in their URI get this answer.
   */
  public void force(int times, String method, String part, Answer answer) {
    orders.add(new Order(method, part, answer, new AtomicInteger(times)));
  }

  /**
   * A client whose requests may get these answers.
   *
   * @param tries how often it sends a request that gets an answer of 500 or more
   */
  public KubernetesClient client(Config server, int tries) {
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder(server).withRequestRetryBackoffLimit(tries - 1).build())
        .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("forced", this))
        .build();
  }

  /** Whether all that was forced has been answered. */
  public boolean spent() {
    return orders.stream().allMatch(order -> order.left().get() == 0);
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    orders.stream()
        .filter(order -> order.takes(request))
        .findFirst()
        .ifPresent(order -> builder.uri(URI.create(server.url("/" + order.answer()))));
  }

  @Override
  public void close() {
    server.destroy();
  }
}
