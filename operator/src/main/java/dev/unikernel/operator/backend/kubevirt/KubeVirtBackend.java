package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.status.Refusal;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs guests as VirtualMachines. A machine belongs to a service by its owner reference, not by its
 * labels. KubeVirt may be installed after the operator: its kinds are watched from the first pass
 * after they have appeared.
 */
@ApplicationScoped
public class KubeVirtBackend implements Backend {
  private volatile KubeVirtArrival arrival;

  /** Set once all caches are filled: another thread's pass waits for them too. */
  private volatile boolean watching;

  @Override
  public String name() {
    return "kubevirt";
  }

  @Override
  public List<EventSource<?, UnikernelService>> eventSources(
      EventSourceContext<UnikernelService> context) {
    arrival = new KubeVirtArrival(context);
    return List.of(arrival);
  }

  @Override
  public Optional<String> unavailable(Context<UnikernelService> context) {
    if (watching) {
      return Optional.empty();
    }
    if (!arrival.installed()) {
      return Optional.of(
          "KubeVirt is not installed in this cluster: it has no kind VirtualMachine of kubevirt.io/v1."
              + " Install KubeVirt; nothing else needs to be done.");
    }
    KubeVirtEventSources.register(context);
    watching = true;
    return Optional.empty();
  }

  @Override
  public List<Instance> observe(Context<UnikernelService> context) {
    return Instances.of(
        machines(context).toList(),
        context.getSecondaryResourcesAsStream(VirtualMachineInstance.class).toList(),
        context.getSecondaryResourcesAsStream(Pod.class).toList());
  }

  private static Stream<VirtualMachine> machines(Context<UnikernelService> context) {
    var service = context.getPrimaryResource();
    return context
        .getSecondaryResourcesAsStream(VirtualMachine.class)
        .filter(machine -> Owned.controls(service, machine));
  }

  @Override
  public void restore(Context<UnikernelService> context) {
    for (var machine : machines(context).toList()) {
      var labels = Marks.labels(machine);
      if (machine.getMetadata().getDeletionTimestamp() == null
          && !machine.getMetadata().getLabels().entrySet().containsAll(labels.entrySet())) {
        restore(machine, labels, context);
      }
    }
  }

  /** After a conflict nothing is lost: the event of the other write triggers the next pass. */
  private static void restore(
      VirtualMachine machine, Map<String, String> labels, Context<UnikernelService> context) {
    try {
      patch(machine, MergePatch.of(machine).labels(labels), context);
    } catch (KubernetesClientException refused) {
      if (Refusal.of(refused) != Refusal.STALE) {
        throw refused;
      }
    }
  }

  @Override
  public void create(Launch launch, String pullSecret, Context<UnikernelService> context) {
    var manifest = VirtualMachines.of(launch, context.getPrimaryResource(), pullSecret);
    var client = context.getClient();
    Applier.create(
        context,
        VirtualMachines.read(manifest, client),
        _ -> VirtualMachines.post(manifest, client));
  }

  @Override
  public Optional<String> pullSecret(String revision, Context<UnikernelService> context) {
    return machines(context)
        .filter(machine -> revision.equals(Launch.revision(machine.getMetadata().getName())))
        .flatMap(machine -> Stream.ofNullable(machine.wanted().pullSecret()))
        .findFirst();
  }

  /** The machine remembers first: a label that went without a memory of it would never be seen. */
  @Override
  public void drain(Instance instance, Instant now, Context<UnikernelService> context) {
    machine(instance, context)
        .ifPresent(
            machine ->
                patch(
                    machine,
                    MergePatch.of(machine).annotation(Marks.DRAINING, now.toString()),
                    context));
    pod(instance, context)
        .ifPresent(pod -> patch(pod, MergePatch.of(pod).withoutLabel(Owned.SERVING), context));
  }

  @Override
  public void readmit(Instance instance, Context<UnikernelService> context) {
    var labels = machine(instance, context).map(Marks::trafficLabels).orElse(Map.of());
    pod(instance, context).ifPresent(pod -> patch(pod, MergePatch.of(pod).labels(labels), context));
  }

  /** In one write: between two, KubeVirt would start the guest again. */
  @Override
  public void hold(Instance instance, Instant until, Context<UnikernelService> context) {
    machine(instance, context)
        .ifPresent(
            machine ->
                patch(
                    machine,
                    MergePatch.of(machine)
                        .runStrategy(VirtualMachineSpec.HALTED)
                        .annotation(Marks.HELD, until.toString())
                        .annotation(Marks.ENDED, instance.ending().at().toString())
                        .annotation(Marks.ENDING, instance.cause().toString()),
                    context));
  }

  @Override
  public void delete(Instance instance, Context<UnikernelService> context) {
    machine(instance, context).ifPresent(machine -> context.getClient().resource(machine).delete());
  }

  private static Optional<VirtualMachine> machine(
      Instance instance, Context<UnikernelService> context) {
    return KubeVirtEventSources.machine(
        new ResourceID(instance.name(), context.getPrimaryResource().getMetadata().getNamespace()),
        context);
  }

  private static Optional<Pod> pod(Instance instance, Context<UnikernelService> context) {
    return Optional.ofNullable(instance.carrier())
        .map(
            name ->
                new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace(context.getPrimaryResource().getMetadata().getNamespace())
                    .endMetadata()
                    .build());
  }

  /** An object that is gone is left alone: the event that says so is on its way. */
  private static <R extends HasMetadata> void patch(
      R object, MergePatch change, Context<UnikernelService> context) {
    try {
      context
          .resourceOperations()
          .resourcePatch(
              object,
              one ->
                  context
                      .getClient()
                      .resource(one)
                      .patch(PatchContext.of(PatchType.JSON_MERGE), change.json()));
    } catch (KubernetesClientException refused) {
      switch (Refusal.of(refused)) {
        case GONE -> {}
        case STALE, FORBIDDEN, INVALID, BAD_REQUEST, FAULT -> throw refused;
      }
    }
  }
}
