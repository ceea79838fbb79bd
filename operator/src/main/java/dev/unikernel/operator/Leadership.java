package dev.unikernel.operator;

import static io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.config.ConfigMapping;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operator acts at a time, among all releases of the chart: it holds a Lease at one place for
 * the whole cluster. Any other one watches, is ready, and changes nothing.
 */
@Singleton
class Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final String LEASE = "unikernel-operator";

  private final Settings settings;
  private final KubernetesClient client;
  private final String identity;
  private volatile boolean ending;
  private volatile boolean leading;

  Leadership(Settings settings, KubernetesClient client) {
    this.settings = settings;
    this.client = client;
    this.identity = settings.identity().orElseGet(() -> UUID.randomUUID().toString());
  }

  /** Where the Lease lies, and the name under which this operator holds it. */
  @ConfigMapping(prefix = "unikernel.leader-election")
  interface Settings {

    /** Namespace of the Lease, the same for all releases; empty: this operator always acts. */
    Optional<String> namespace();

    /** Such as {@code <namespace>/<pod>}; default: a random one. */
    Optional<String> identity();
  }

  @Produces
  @Dependent
  @Unremovable
  LeaderElectionConfiguration election() {
    return settings
        .namespace()
        .map(
            namespace ->
                aLeaderElectionConfiguration(LEASE)
                    .withLeaseNamespace(namespace)
                    .withIdentity(identity)
                    .withLeaderCallbacks(
                        new LeaderCallbacks(this::started, this::stopped, this::changed))
                    // The SDK exits in a shutdown too, and an exit in a shutdown never returns;
                    // this is its only way to say that it must not.
                    .buildForTest(false))
        .orElse(null);
  }

  /** Before the operator is stopped, which ends its leading. */
  void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
    ending = true;
  }

  private void started() {
    leading = true;
  }

  /** Another operator may act from now on, so that this one must not act any more. */
  private void stopped() {
    if (ending) {
      release();
    } else {
      LOG.error("Lost the Lease {}; this operator exits", LEASE);
      Runtime.getRuntime().halt(1);
    }
  }

  private void changed(String leader) {
    if (identity.equals(leader)) {
      LOG.info("Holds the Lease {}/{} and acts", settings.namespace().orElseThrow(), LEASE);
    } else if (leader != null && !leader.isEmpty()) {
      LOG.warn(
          "The operator {} holds the Lease {}/{}. This one waits and changes nothing until that one"
              + " has ended; one release of the chart per cluster is enough",
          leader,
          settings.namespace().orElseThrow(),
          LEASE);
    }
  }

  /** So that the next operator need not wait until the Lease expires. */
  private void release() {
    if (leading) {
      client
          .leases()
          .inNamespace(settings.namespace().orElseThrow())
          .withName(LEASE)
          .edit(
              lease -> {
                lease.getSpec().setHolderIdentity("");
                return lease;
              });
    }
  }
}
