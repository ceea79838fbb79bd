package dev.unikernel.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder.ExecutorSupplier;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;

/**
 * Lists and watches that bring the metadata of objects and nothing else: the API server leaves out
 * the rest, so that an object's size costs neither network nor memory here.
 */
public final class MetadataOnly implements Interceptor {
  /** None given: the client makes them. Handlers of events must not run on those of the network. */
  private static final ExecutorSupplier THREADS_OF_ITS_OWN = null;

  private MetadataOnly() {}

  /**
   * A client on the connections of {@code client}. What it lists or watches has no spec, no data
   * and no status; it is closed with the other one.
   */
  public static KubernetesClient of(KubernetesClient client) {
    var http =
        client
            .getHttpClient()
            .newBuilder()
            .addOrReplaceInterceptor("metadata-only", new MetadataOnly())
            .build();
    return new KubernetesClientImpl(
        http, client.getConfiguration(), THREADS_OF_ITS_OWN, client.getKubernetesSerialization());
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    var query = request.uri().getQuery();
    var watch = query != null && query.contains("watch=true");
    var as = watch ? "PartialObjectMetadata" : "PartialObjectMetadataList";
    builder.setHeader("Accept", "application/json;as=%s;g=meta.k8s.io;v=v1".formatted(as));
  }
}
