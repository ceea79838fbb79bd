package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.InformerCache;
import dev.unikernel.operator.kube.Owned;
import dev.unikernel.operator.kube.SparseStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What wakes a UnikernelService when its instances change. A machine is found by its owner, a run
 * and a pod by the machine of the run's name, since any label may be edited. Of each object only
 * what is read stays in memory, of those of others next to nothing.
 */
final class KubeVirtEventSources {
  private static final String MACHINES = "virtualmachines";

  /** The label of KubeVirt itself, without which it would not know its pods either. */
  private static final String LAUNCHERS = "kubevirt.io=virt-launcher";

  private KubeVirtEventSources() {}

  /** Starts to watch, the machines first, and waits until all caches are filled. */
  static void register(Context<UnikernelService> context) {
    // So that a watch reads them at once, not by way of a generic object.
    var serialization = context.getClient().getKubernetesSerialization();
    serialization.registerKubernetesResource(VirtualMachine.class);
    serialization.registerKubernetesResource(VirtualMachineInstance.class);
    var sources = context.eventSourceRetriever();
    var later = sources.eventSourceContextForDynamicRegistration();
    var machines = new InformerEventSource<>(machines(), later);
    // Another thread may have registered one before.
    var watched =
        (InformerEventSource<VirtualMachine, UnikernelService>)
            sources.dynamicallyRegisterEventSource(machines);
    sources.dynamicallyRegisterEventSource(new InformerEventSource<>(runs(watched), later));
    sources.dynamicallyRegisterEventSource(new InformerEventSource<>(pods(watched), later));
  }

  /** The machine of this name, with what the operator has just written of it. */
  static Optional<VirtualMachine> machine(ResourceID id, Context<UnikernelService> context) {
    var source = context.eventSourceRetriever().getEventSourceFor(VirtualMachine.class, MACHINES);
    return ((InformerEventSource<VirtualMachine, UnikernelService>) source).get(id);
  }

  private static InformerEventSourceConfiguration<VirtualMachine> machines() {
    return InformerEventSourceConfiguration.from(VirtualMachine.class, UnikernelService.class)
        .withName(MACHINES)
        .withInformerListLimit(InformerCache.LIST_LIMIT)
        .withItemStore(new SparseStore<>(Slim::machine))
        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(UnikernelService.class))
        .build();
  }

  private static InformerEventSourceConfiguration<VirtualMachineInstance> runs(
      InformerEventSource<VirtualMachine, UnikernelService> machines) {
    return InformerEventSourceConfiguration.from(
            VirtualMachineInstance.class, UnikernelService.class)
        .withName("virtualmachineinstances")
        .withInformerListLimit(InformerCache.LIST_LIMIT)
        .withItemStore(new SparseStore<>(Slim::run))
        .withSecondaryToPrimaryMapper(run -> services(run, machines))
        .build();
  }

  private static InformerEventSourceConfiguration<Pod> pods(
      InformerEventSource<VirtualMachine, UnikernelService> machines) {
    return InformerEventSourceConfiguration.from(Pod.class, UnikernelService.class)
        .withName("launcherpods")
        .withLabelSelector(LAUNCHERS)
        .withInformerListLimit(InformerCache.LIST_LIMIT)
        .withItemStore(new SparseStore<>(Slim::pod))
        .withSecondaryToPrimaryMapper(pod -> services(pod, machines))
        .build();
  }

  /**
   * The services that a run or its pod concerns: the one that owns the machine of the same name,
   * and the one that its label names, since the machine may not be cached yet.
   */
  private static Set<ResourceID> services(
      HasMetadata object, InformerEventSource<VirtualMachine, UnikernelService> machines) {
    var namespace = object.getMetadata().getNamespace();
    var owner =
        Owned.controller(object)
            .map(OwnerReference::getName)
            .flatMap(name -> machines.get(new ResourceID(name, namespace)))
            .map(
                Mappers.<VirtualMachine>fromOwnerReferences(UnikernelService.class)
                    ::toPrimaryResourceIDs)
            .orElse(Set.of());
    var labelled =
        Stream.ofNullable(object.getMetadata().getLabels().get(Owned.SERVICE))
            .map(service -> new ResourceID(service, namespace));
    return Stream.concat(owner.stream(), labelled).collect(Collectors.toSet());
  }
}
