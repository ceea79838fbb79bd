package dev.unikernel.operator.backend.kubevirt;

import dev.unikernel.api.UnikernelService;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the API server knows KubeVirt's kinds: at the start, and where it does not, every
 * few seconds until it does, once for all services. Then all of them are woken.
 */
final class KubeVirtArrival
    extends AbstractEventSource<CustomResourceDefinition, UnikernelService> {
  private static final Logger LOG = LoggerFactory.getLogger(KubeVirtArrival.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final EventSourceContext<UnikernelService> context;
  private volatile boolean installed;

  KubeVirtArrival(EventSourceContext<UnikernelService> context) {
    super(CustomResourceDefinition.class, "kubevirt-arrival");
    this.context = context;
  }

  /** Whether both kinds were there when last looked. */
  boolean installed() {
    return installed;
  }

  @Override
  public void start() {
    super.start();
    installed = look();
    if (!installed) {
      Thread.ofVirtual().name(name()).start(this::await);
    }
  }

  private void await() {
    try {
      while (isRunning() && !installed) {
        Thread.sleep(INTERVAL);
        installed = look();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return;
    }
    if (installed) {
      LOG.info("KubeVirt is installed");
      context
          .getPrimaryCache()
          .list(service -> true)
          .map(ResourceID::fromResource)
          .forEach(service -> getEventHandler().handleEvent(new Event(service)));
    }
  }

  private boolean look() {
    try {
      var client = context.getClient();
      return client.supports(VirtualMachine.class) && client.supports(VirtualMachineInstance.class);
    } catch (KubernetesClientException noAnswer) {
      LOG.debug("The API server did not say whether KubeVirt is installed", noAnswer);
      return false;
    }
  }

  @Override
  public Set<CustomResourceDefinition> getSecondaryResources(UnikernelService service) {
    return Set.of();
  }
}
