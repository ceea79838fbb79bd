package dev.unikernel.operator.bench;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.kubevirt.KubeVirtBackend;
import dev.unikernel.operator.backend.kubevirt.VirtualMachine;
import dev.unikernel.operator.backend.kubevirt.VirtualMachineInstance;
import dev.unikernel.operator.service.Bounds;
import dev.unikernel.operator.service.Observation;
import dev.unikernel.operator.service.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The part of a pass that only calculates, in this process, on objects of the API server. */
final class PlannedPass {
  private static final int ROUNDS = 50;

  private final KubeVirtBackend backend = new KubeVirtBackend();
  private final Context<UnikernelService> context;

  /** Of the one service in this namespace. */
  PlannedPass(KubernetesClient client, String namespace) {
    Map<Class<?>, List<?>> objects =
        Map.of(
            VirtualMachine.class, all(client, VirtualMachine.class, namespace),
            VirtualMachineInstance.class, all(client, VirtualMachineInstance.class, namespace),
            Pod.class, all(client, Pod.class, namespace));
    this.context = context(all(client, UnikernelService.class, namespace).getFirst(), objects);
  }

  /** Observe and plan: the median of many rounds, in milliseconds. */
  double milliseconds() {
    var times = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      var plan = Rollout.plan(observe());
      times[i] = (System.nanoTime() - start) / 1e6;
      if (!plan.steps().isEmpty()) {
        throw new IllegalStateException("A service that is ready needs no " + plan.steps());
      }
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }

  private Observation observe() {
    var service = context.getPrimaryResource();
    var instances = backend.observe(context);
    return new Observation(
        service.getMetadata().getName(),
        service.getSpec().replicas(),
        new Bounds(1, 0),
        Duration.ZERO,
        Duration.ofMinutes(10),
        false,
        instances.getFirst().guest(),
        instances,
        Instant.now());
  }

  private static <R extends HasMetadata> List<R> all(
      KubernetesClient client, Class<R> kind, String namespace) {
    return client.resources(kind).inNamespace(namespace).list().getItems();
  }

  @SuppressWarnings("unchecked")
  private static Context<UnikernelService> context(
      UnikernelService service, Map<Class<?>, List<?>> objects) {
    return (Context<UnikernelService>)
        Proxy.newProxyInstance(
            PlannedPass.class.getClassLoader(),
            new Class<?>[] {Context.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "getPrimaryResource" -> service;
                  case "getSecondaryResourcesAsStream" -> objects.get(arguments[0]).stream();
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
