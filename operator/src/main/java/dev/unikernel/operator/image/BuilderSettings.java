package dev.unikernel.operator.image;

import io.fabric8.kubernetes.api.model.Quantity;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the platform team settles for every build. */
@ConfigMapping(prefix = "unikernel")
public interface BuilderSettings {

  /** The builder's container and its Jobs. */
  Builder builder();

  /** YAML file that lists the kernel releases; see {@link KernelCatalogue}. */
  @WithDefault("/etc/unikernel/kernels.yaml")
  Path kernels();

  /** {@code host:port} of registries that the builder may speak to without TLS. */
  Optional<List<String>> plainHttpRegistries();

  /** How guests look up names. */
  Dns dns();

  /** What the platform team sets goes before what the operator's own pod was given. */
  interface Dns {

    /** Addresses of name servers. */
    Optional<List<String>> nameservers();

    /** Search domains behind those of the image's namespace. */
    Optional<List<String>> searches();

    /** The domain of the cluster's Services, such as {@code cluster.local}. */
    Optional<String> clusterDomain();

    /** The file that the kubelet writes into the operator's pod. */
    @WithDefault("/etc/resolv.conf")
    Path resolvConf();
  }

  /** The builder's container and its Jobs. */
  interface Builder {

    /** Container image, best by digest; a change of it rebuilds every UnikernelImage. */
    String image();

    /** {@code Always}, {@code IfNotPresent} or {@code Never}. */
    @WithDefault("IfNotPresent")
    String pullPolicy();

    /**
     * Names of Secrets that open the registry of that image; each namespace with builds needs them.
     * Without any, those of the namespace's default ServiceAccount are used.
     */
    Optional<List<String>> pullSecrets();

    /** How many builders run at the same time, in all namespaces together. */
    @WithDefault("10")
    int maxConcurrent();

    /** CPU request where spec.build.resources has none. */
    @WithDefault("250m")
    Quantity cpu();

    /** Memory request and limit where spec.build.resources has none. */
    @WithDefault("512Mi")
    Quantity memory();

    /** Most scratch space where spec.build.resources.limits has no ephemeral-storage. */
    @WithDefault("8Gi")
    Quantity scratch();

    /**
     * How long the last Job of an image stays after it has ended, for its log. A failed build is
     * tried again when it goes.
     */
    @WithDefault("24H")
    Duration keepFinished();
  }
}
