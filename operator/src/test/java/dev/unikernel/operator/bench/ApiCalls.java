package dev.unikernel.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;

/** Plain requests with JSON bodies, as cheap as a client can make them. */
record ApiCalls(KubernetesClient client) {
  static final ObjectMapper JSON = new ObjectMapper();

  static final String MACHINES = "virtualmachines";
  static final String RUNS = "virtualmachineinstances";
  static final String PODS = "pods";
  static final String CONFIG_MAPS = "configmaps";
  static final String SERVICES = "unikernelservices";
  static final String IMAGES = "unikernelimages";

  /** The path of a collection of a namespace. */
  static String path(String namespace, String resource) {
    var group =
        switch (resource) {
          case MACHINES, RUNS -> "/apis/kubevirt.io/v1";
          case PODS, CONFIG_MAPS -> "/api/v1";
          case SERVICES, IMAGES -> "/apis/unikernel.dev/v1alpha1";
          default -> throw new IllegalArgumentException(resource);
        };
    return "%s/namespaces/%s/%s".formatted(group, namespace, resource);
  }

  JsonNode create(String path, String json) {
    return send("POST", path, "application/json", json);
  }

  void merge(String path, String json) {
    send("PATCH", path, "application/merge-patch+json", json);
  }

  /** Deletes a whole collection at once. */
  void deleteAll(String path) {
    send(
        "DELETE",
        path,
        "application/json",
        "{\"kind\": \"DeleteOptions\", \"apiVersion\": \"v1\", \"gracePeriodSeconds\": 0}");
  }

  JsonNode get(String path) {
    return send("GET", path, "application/json", null);
  }

  private JsonNode send(String method, String path, String type, String body) {
    var http = client.getHttpClient();
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(URI.create(client.getMasterUrl().toString().replaceAll("/$", "") + path))
            .method(method, type, body)
            .build();
    try {
      var response = http.sendAsync(request, String.class).join();
      if (!response.isSuccessful()) {
        throw new IllegalStateException(
            "%s %s: %d %s".formatted(method, path, response.code(), response.body()));
      }
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
