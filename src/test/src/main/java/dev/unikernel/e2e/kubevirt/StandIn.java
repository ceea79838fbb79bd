package dev.unikernel.e2e.kubevirt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Plays KubeVirt 1.9 in the dev cluster: VirtualMachine to VirtualMachineInstance to launcher pod,
 * in which QEMU runs under TCG.
 *
 * <p>What it does not do: KVM, live migration, hot plug and live update, pause, the subresource API
 * (start, stop, restart, console), run strategy Manual, instance types, VirtualMachinePool and
 * VirtualMachineInstanceReplicaSet, volumes other than containerDisk, network bindings other than
 * masquerade, more than one network, EFI, a guest agent, sound, graphics. It has no admission
 * webhooks: what its schema does not know is pruned, what the schema allows is accepted, and a
 * template gets no defaults written into it. Every container of the cluster may open /dev/net/tun,
 * which KubeVirt grants to launcher pods by a device plugin; a guest's DHCP server runs outside its
 * launcher pod. A resource quota on limits does not make it set limits.
 *
 * <p>It knows nothing of the operator: any VirtualMachine within these bounds will do.
 */
public final class StandIn {

  private static final Logger LOG = Logger.getLogger(StandIn.class.getName());
  private static final Duration LOOK_AT_GUESTS = Duration.ofMillis(100);

  private final Api api;
  private final Guests guests;
  private final Machines machines;
  private final Instances instances;
  private final Terminal terminal;
  private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor();
  private final Set<Api.Key> waiting = ConcurrentHashMap.newKeySet();
  private final Map<Api.Key, String> faults = new HashMap<>(); // the last of each
  private SharedIndexInformer<Pod> pods;

  private StandIn(KubernetesClient client, Settings settings) {
    this.api = new Api(client);
    this.guests = new Guests(settings);
    this.machines = new Machines(api);
    this.terminal = new Terminal(settings.terminal());
    this.instances = new Instances(api, guests, settings, terminal);
  }

  /**
   * Installs the two CRDs and plays KubeVirt until the process is ended. The client is configured
   * by KUBECONFIG.
   */
  public static void main(String[] arguments) throws IOException {
    StandIn standIn =
        new StandIn(new KubernetesClientBuilder().build(), Settings.from(System.getenv()));
    standIn.installCrds();
    standIn.watch();
    LOG.info("playing KubeVirt");
  }

  private void installCrds() throws IOException {
    try (InputStream crds = StandIn.class.getResourceAsStream("/kubevirt-crds.yaml")) {
      var installed = api.client().load(crds).serverSideApply();
      for (HasMetadata crd : installed) {
        api.client().resource(crd).waitUntilCondition(StandIn::isEstablished, 3, TimeUnit.MINUTES);
      }
    }
  }

  private static boolean isEstablished(HasMetadata crd) {
    return crd
            instanceof
            io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition definition
        && definition.getStatus() != null
        && definition.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True"));
  }

  private void watch() {
    endWith(
        api.all(Api.MACHINE)
            .inAnyNamespace()
            .inform(onChange(object -> object.getMetadata().getName())));
    endWith(
        api.all(Api.INSTANCE)
            .inAnyNamespace()
            .inform(onChange(object -> object.getMetadata().getName())));
    pods =
        api.client()
            .pods()
            .inAnyNamespace()
            .withLabel("kubevirt.io", "virt-launcher")
            .inform(onChange(pod -> pod.getMetadata().getLabels().get(LauncherPod.NAME)));
    endWith(pods);
    var _ =
        worker.scheduleWithFixedDelay(
            this::lookAtGuests,
            LOOK_AT_GUESTS.toMillis(),
            LOOK_AT_GUESTS.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Without a watch it would be blind: it ends, and the cluster with it. */
  private void endWith(SharedIndexInformer<?> informer) {
    var _ =
        informer
            .stopped()
            .whenComplete(
                (_, failure) -> {
                  terminal.say("a watch ended: " + failure);
                  System.exit(1);
                });
  }

  private void lookAtGuests() {
    try {
      var present = pods.getStore().list();
      present.stream().filter(guests::hasNews).forEach(pod -> enqueue(key(pod), Duration.ZERO));
      guests.keepOnly(
          uid -> present.stream().anyMatch(pod -> pod.getMetadata().getUid().equals(uid)));
    } catch (RuntimeException failure) {
      LOG.log(Level.WARNING, "looking at the guests", failure);
    }
  }

  private static Api.Key key(Pod pod) {
    return new Api.Key(
        pod.getMetadata().getNamespace(), pod.getMetadata().getLabels().get(LauncherPod.NAME));
  }

  private void enqueue(Api.Key key, Duration delay) {
    if (!delay.isZero()) {
      var _ =
          worker.schedule(
              () -> enqueue(key, Duration.ZERO), delay.toMillis(), TimeUnit.MILLISECONDS);
    } else if (waiting.add(key)) {
      var _ = worker.submit(() -> reconcile(key));
    }
  }

  private void reconcile(Api.Key key) {
    waiting.remove(key);
    try {
      Optional<ObjectNode> machine = api.get(Api.MACHINE, key);
      Optional<ObjectNode> before = api.get(Api.INSTANCE, key);
      machine.flatMap(found -> machines.step(found, before)).ifPresent(wait -> enqueue(key, wait));
      // A new instance waits for its machine to take note of it.
      before
          .flatMap(_ -> api.get(Api.INSTANCE, key))
          .flatMap(instances::step)
          .ifPresent(wait -> enqueue(key, wait));
    } catch (KubernetesClientException failure) {
      if (Api.isRefusal(failure)) {
        fault(key, failure);
        enqueue(key, Duration.ofSeconds(1));
      } else {
        if (!Api.isConflict(failure)) {
          LOG.log(Level.WARNING, key.toString(), failure);
        }
        enqueue(key, Duration.ofMillis(100));
      }
    } catch (RuntimeException failure) {
      fault(key, failure);
      enqueue(key, Duration.ofSeconds(1));
    }
  }

  /** What the stand-in itself cannot do is told about the object, each fault once. */
  private void fault(Api.Key key, RuntimeException failure) {
    if (failure.toString().equals(faults.put(key, failure.toString()))) {
      return;
    }
    LOG.log(Level.WARNING, key.toString(), failure);
    terminal.say(key + ": " + failure);
    api.event(Api.MACHINE, key, "kubevirt-stand-in", "StandInFault", failure.toString());
  }

  private <T extends HasMetadata> ResourceEventHandler<T> onChange(
      java.util.function.Function<T, String> name) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        changed(object);
      }

      @Override
      public void onUpdate(T before, T object) {
        changed(object);
      }

      @Override
      public void onDelete(T object, boolean stale) {
        changed(object);
      }

      private void changed(T object) {
        enqueue(
            new Api.Key(object.getMetadata().getNamespace(), name.apply(object)), Duration.ZERO);
      }
    };
  }
}
