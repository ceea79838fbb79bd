package dev.unikernel.operator.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.WatchEvent;
import org.junit.jupiter.api.Test;

class ClientSerializationTest {
  private final ClientSerialization client = client();

  private static ClientSerialization client() {
    var mapper = new ObjectMapper();
    new Decoding().customize(mapper);
    return new ClientSerialization(mapper, new Class<?>[] {Pod.class});
  }

  @Test
  void whatIsChangedInACopyStaysThere() {
    var service =
        client.unmarshal(
            """
            {"apiVersion": "unikernel.dev/v1alpha1", "kind": "UnikernelService",
             "metadata": {"name": "web", "labels": {"app": "web"}},
             "spec": {"image": {"name": "web"}, "ports": [{"port": 80}]}}""",
            UnikernelService.class);
    var copy = client.clone(service);
    assertThat(copy).isNotSameAs(service).isEqualTo(service);

    copy.getMetadata().getLabels().put("app", "other");
    copy.setSpec(null);
    assertThat(service.getMetadata().getLabels()).containsEntry("app", "web");
    assertThat(service.getSpec()).isNotNull();
  }

  @Test
  void aCopyOfASpecThatCannotBeReadStillSaysWhy() {
    var service =
        client.unmarshal(
            """
            {"apiVersion": "unikernel.dev/v1alpha1", "kind": "UnikernelService",
             "metadata": {"name": "web"}, "spec": {"replicas": -1}}""",
            UnikernelService.class);
    assertThat(client.clone(service).getMetadata().getAnnotations())
        .isNotEmpty()
        .isEqualTo(service.getMetadata().getAnnotations());
  }

  @Test
  void aPodIsDecodedWithoutItsSpec() {
    var event =
        client.unmarshal(
            """
            {"type": "ADDED", "object": {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "web"}, "spec": {"nodeName": "n1"},
             "status": {"phase": "Running"}}}""",
            WatchEvent.class);
    var pod = (Pod) event.getObject();
    assertThat(pod.getSpec()).isNull();
    assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
  }
}
