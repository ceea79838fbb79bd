package dev.unikernel.operator.service;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.Map;
import java.util.TreeMap;

/** The Service in front: it lets traffic through to the pods that carry the serving label. */
final class Traffic {
  private Traffic() {}

  /** The Service to apply, under the name of the UnikernelService. */
  static Service to(UnikernelService service) {
    var name = service.getMetadata().getName();
    var template = service.getSpec().service();
    var labels = new TreeMap<String, String>();
    var annotations = new TreeMap<String, String>();
    var type = UnikernelServiceSpec.ServiceType.CLUSTER_IP;
    if (template != null) {
      putAll(labels, template.labels());
      putAll(annotations, template.annotations());
      type = template.type() == null ? type : template.type();
    }
    labels.put(Owned.MANAGED_BY, Owned.OPERATOR);
    labels.put(Owned.SERVICE, name);
    var meta = Owned.meta(service, name, labels);
    meta.setAnnotations(annotations);
    return new ServiceBuilder()
        .withMetadata(meta)
        .withNewSpec()
        .withType(
            switch (type) {
              case CLUSTER_IP -> "ClusterIP";
              case NODE_PORT -> "NodePort";
              case LOAD_BALANCER -> "LoadBalancer";
            })
        .withSelector(new TreeMap<>(Map.of(Owned.SERVICE, name, Owned.SERVING, "true")))
        .withPorts(service.getSpec().ports().stream().map(Traffic::port).toList())
        .endSpec()
        .build();
  }

  /** {@code <name>.<namespace>.svc:<port>}, of the first port. */
  static String endpoint(UnikernelService service) {
    var meta = service.getMetadata();
    return "%s.%s.svc:%d"
        .formatted(
            meta.getName(), meta.getNamespace(), service.getSpec().ports().getFirst().port());
  }

  /** All of the service's pods, for autoscalers. */
  static String podSelector(UnikernelService service) {
    return Owned.SERVICE + "=" + service.getMetadata().getName();
  }

  private static ServicePort port(UnikernelServiceSpec.Port port) {
    return new ServicePortBuilder()
        .withName(port.name())
        .withPort(port.port())
        .withProtocol(port.protocol() == null ? "TCP" : port.protocol().name())
        .withTargetPort(
            new IntOrString(port.targetPort() == null ? port.port() : port.targetPort()))
        .build();
  }

  private static void putAll(Map<String, String> into, Map<String, String> from) {
    if (from != null) {
      into.putAll(from);
    }
  }
}
