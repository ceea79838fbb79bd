package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Applier;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs guests as VirtualMachines. KubeVirt may be installed after the operator: its kinds are
 * watched from the first pass that finds them.
 */
@ApplicationScoped
public class KubeVirtBackend implements Backend {
  /** By the label that traffic follows too: what has lost it serves nobody. */
  private static final String OURS = Owned.SERVICE;

  private static final String MACHINES = "virtualmachines";
  private static final String RUNS = "virtualmachineinstances";
  private static final String PODS = "launcherpods";

  /** Set once both caches are filled: another thread's pass waits for them too. */
  private volatile boolean watching;

  @Override
  public String name() {
    return "kubevirt";
  }

  @Override
  public List<EventSource<?, UnikernelService>> eventSources(
      EventSourceContext<UnikernelService> context) {
    return List.of(watch(PODS, Pod.class, context));
  }

  @Override
  public Optional<String> unavailable(Context<UnikernelService> context) {
    if (watching) {
      return Optional.empty();
    }
    var client = context.getClient();
    if (!client.supports(VirtualMachine.class) || !client.supports(VirtualMachineInstance.class)) {
      return Optional.of(
          "KubeVirt is not installed in this cluster: it has no kind VirtualMachine of kubevirt.io/v1."
              + " Install KubeVirt; nothing else needs to be done.");
    }
    var sources = context.eventSourceRetriever();
    var later = sources.eventSourceContextForDynamicRegistration();
    sources.dynamicallyRegisterEventSource(watch(MACHINES, VirtualMachine.class, later));
    sources.dynamicallyRegisterEventSource(watch(RUNS, VirtualMachineInstance.class, later));
    watching = true;
    return Optional.empty();
  }

  @Override
  public List<Instance> observe(Context<UnikernelService> context) {
    var service = context.getPrimaryResource();
    var runs = context.getSecondaryResourcesAsStream(VirtualMachineInstance.class).toList();
    var pods = context.getSecondaryResourcesAsStream(Pod.class).toList();
    return context
        .getSecondaryResourcesAsStream(VirtualMachine.class)
        .filter(machine -> Owned.controls(service, machine))
        .map(machine -> Instances.of(machine, runs, pods))
        .toList();
  }

  @Override
  public void create(Launch launch, String pullSecret, Context<UnikernelService> context) {
    var secret = pullSecret == null ? remembered(launch.guest().revision(), context) : pullSecret;
    Applier.create(context, VirtualMachines.of(launch, context.getPrimaryResource(), secret));
  }

  private static String remembered(String revision, Context<UnikernelService> context) {
    return context
        .getSecondaryResourcesAsStream(VirtualMachine.class)
        .filter(machine -> revision.equals(machine.getMetadata().getLabels().get(Owned.REVISION)))
        .flatMap(machine -> VirtualMachines.pullSecret(machine).stream())
        .findFirst()
        .orElse(null);
  }

  /** The machine remembers first: a label that went without a memory of it would never be seen. */
  @Override
  public void drain(Instance instance, Instant now, Context<UnikernelService> context) {
    mark(instance, context, Marks.DRAINING, now.toString());
    label(instance, context, labels -> labels.remove(Owned.SERVING));
  }

  @Override
  public void readmit(Instance instance, Context<UnikernelService> context) {
    label(instance, context, labels -> labels.put(Owned.SERVING, "true"));
  }

  @Override
  public void hold(Instance instance, Instant until, Context<UnikernelService> context) {
    machine(instance, context)
        .ifPresent(
            machine ->
                context
                    .resourceOperations()
                    .jsonPatch(
                        machine,
                        halted -> {
                          var annotations = halted.getMetadata().getAnnotations();
                          annotations.put(Marks.HELD, until.toString());
                          annotations.put(Marks.ENDED, instance.ending().at().toString());
                          annotations.put(Marks.ENDING, instance.cause().toString());
                          halted.setSpec(
                              halted.getSpec().withRunStrategy(VirtualMachineSpec.HALTED));
                          return halted;
                        }));
  }

  @Override
  public void delete(Instance instance, Context<UnikernelService> context) {
    machine(instance, context).ifPresent(machine -> context.getClient().resource(machine).delete());
  }

  private void mark(
      Instance instance, Context<UnikernelService> context, String name, String value) {
    machine(instance, context)
        .ifPresent(
            machine ->
                context
                    .resourceOperations()
                    .jsonPatch(
                        machine,
                        marked -> {
                          marked.getMetadata().getAnnotations().put(name, value);
                          return marked;
                        }));
  }

  private static void label(
      Instance instance, Context<UnikernelService> context, Consumer<Map<String, String>> change) {
    pod(instance, context)
        .ifPresent(
            pod ->
                context
                    .resourceOperations()
                    .jsonPatch(
                        pod,
                        labelled -> {
                          change.accept(labelled.getMetadata().getLabels());
                          return labelled;
                        }));
  }

  private static Optional<VirtualMachine> machine(
      Instance instance, Context<UnikernelService> context) {
    return context
        .getSecondaryResourcesAsStream(VirtualMachine.class)
        .filter(machine -> machine.getMetadata().getName().equals(instance.name()))
        .findFirst();
  }

  private static Optional<Pod> pod(Instance instance, Context<UnikernelService> context) {
    return context
        .getSecondaryResourcesAsStream(VirtualMachineInstance.class)
        .filter(run -> run.getMetadata().getName().equals(instance.name()))
        .findFirst()
        .flatMap(
            run ->
                context
                    .getSecondaryResourcesAsStream(Pod.class)
                    .filter(pod -> Owned.controls(run, pod))
                    .findFirst());
  }

  private static <R extends HasMetadata> EventSource<R, UnikernelService> watch(
      String name, Class<R> kind, EventSourceContext<UnikernelService> context) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(kind, UnikernelService.class)
            .withName(name)
            .withLabelSelector(OURS)
            .withSecondaryToPrimaryMapper(byLabel())
            .build(),
        context);
  }

  private static <R extends HasMetadata> SecondaryToPrimaryMapper<R> byLabel() {
    return object ->
        Optional.ofNullable(object.getMetadata().getLabels().get(Owned.SERVICE))
            .map(service -> Set.of(new ResourceID(service, object.getMetadata().getNamespace())))
            .orElse(Set.of());
  }
}
