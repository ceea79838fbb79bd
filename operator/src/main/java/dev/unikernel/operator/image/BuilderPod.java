package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelImageSpec.BuildResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The pod of a builder Job: one container without rights, its scratch space, and the Secrets that
 * the user named.
 */
final class BuilderPod {
  static final String CONTAINER = "builder";

  /** Variable: seconds after which the builder gives up, counted from its own start. */
  static final String TIMEOUT = "BUILD_TIMEOUT_SECONDS";

  /**
   * Labels and annotations by which service meshes leave a pod alone. A sidecar would keep a pod
   * from ending whose builder has ended.
   */
  static final SortedMap<String, String> NO_SIDECARS =
      new TreeMap<>(
          Map.of(
              "sidecar.istio.io/inject",
              "false",
              "linkerd.io/inject",
              "disabled",
              "kuma.io/sidecar-injection",
              "disabled",
              "consul.hashicorp.com/connect-inject",
              "false"));

  private static final long NOBODY = 65532;
  private static final int GROUP_READABLE = 0440;
  private static final String DOCKER_CONFIG = ".dockerconfigjson";

  private BuilderPod() {}

  /**
   * The pod that builds the image.
   *
   * @param plan name of the ConfigMap that holds {@code plan.json} and the files it names
   */
  static PodSpec of(UnikernelImage image, String plan, BuilderSettings.Builder settings) {
    var build = image.getSpec().build();
    return new PodSpecBuilder()
        .withRestartPolicy("Never")
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(
            settings.pullSecrets().orElse(List.of()).stream()
                .map(LocalObjectReference::new)
                .toList())
        .withNodeSelector(nodeSelector(image))
        .withTolerations(build.tolerations())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(NOBODY)
        .withRunAsGroup(NOBODY)
        .withFsGroup(NOBODY)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withContainers(container(image, settings))
        .withVolumes(volumes(image, plan, settings))
        .build();
  }

  private static Container container(UnikernelImage image, BuilderSettings.Builder settings) {
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(settings.image())
        .withImagePullPolicy(settings.pullPolicy())
        .withEnv(environment(image))
        .withResources(resources(image.getSpec().build().resources(), settings))
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withVolumeMounts(mounts(image))
        .build();
  }

  private static List<EnvVar> environment(UnikernelImage image) {
    var env = new ArrayList<EnvVar>();
    env.add(new EnvVar(TIMEOUT, String.valueOf(image.getSpec().build().timeoutSeconds()), null));
    if (pullSecret(image) != null) {
      env.add(new EnvVar("PULL_SECRET", pullSecret(image), null));
    }
    if (pushSecret(image) != null) {
      env.add(new EnvVar("PUSH_SECRET", pushSecret(image), null));
    }
    return env;
  }

  private static List<VolumeMount> mounts(UnikernelImage image) {
    var mounts = new ArrayList<VolumeMount>();
    mounts.add(mount("plan", true));
    mounts.add(mount("work", false));
    mounts.add(
        new VolumeMountBuilder().withName("work").withMountPath("/tmp").withSubPath("tmp").build());
    if (pullSecret(image) != null) {
      mounts.add(mount("pull", true));
    }
    if (pushSecret(image) != null) {
      mounts.add(mount("push", true));
    }
    return mounts;
  }

  private static VolumeMount mount(String volume, boolean readOnly) {
    return new VolumeMountBuilder()
        .withName(volume)
        .withMountPath("/" + volume)
        .withReadOnly(readOnly ? true : null)
        .build();
  }

  private static List<Volume> volumes(
      UnikernelImage image, String plan, BuilderSettings.Builder settings) {
    var volumes = new ArrayList<Volume>();
    volumes.add(
        new VolumeBuilder()
            .withName("plan")
            .withNewConfigMap()
            .withName(plan)
            .endConfigMap()
            .build());
    volumes.add(
        new VolumeBuilder()
            .withName("work")
            .withNewEmptyDir()
            .withSizeLimit(
                limits(image.getSpec().build().resources())
                    .getOrDefault("ephemeral-storage", settings.scratch()))
            .endEmptyDir()
            .build());
    if (pullSecret(image) != null) {
      volumes.add(login("pull", pullSecret(image)));
    }
    if (pushSecret(image) != null) {
      volumes.add(login("push", pushSecret(image)));
    }
    return volumes;
  }

  /** Optional, so that the builder can say which Secret is missing. */
  private static Volume login(String name, String secret) {
    return new VolumeBuilder()
        .withName(name)
        .withNewSecret()
        .withSecretName(secret)
        .withOptional(true)
        .withDefaultMode(GROUP_READABLE)
        .addNewItem(DOCKER_CONFIG, null, DOCKER_CONFIG)
        .endSecret()
        .build();
  }

  private static ResourceRequirements resources(
      BuildResources wanted, BuilderSettings.Builder settings) {
    var limits = new LinkedHashMap<String, Quantity>();
    limits.put("memory", settings.memory());
    limits.putAll(limits(wanted));
    var requests = new LinkedHashMap<String, Quantity>();
    requests.put("cpu", least(settings.cpu(), limits.get("cpu")));
    requests.put("memory", limits.get("memory"));
    if (wanted != null && wanted.requests() != null) {
      requests.putAll(wanted.requests());
    }
    return new ResourceRequirementsBuilder().withRequests(requests).withLimits(limits).build();
  }

  private static Quantity least(Quantity request, Quantity limit) {
    return limit == null || request.compareTo(limit) <= 0 ? request : limit;
  }

  private static Map<String, Quantity> limits(BuildResources wanted) {
    return wanted == null || wanted.limits() == null ? Map.of() : wanted.limits();
  }

  /** The builder's container image is made for one architecture. */
  private static Map<String, String> nodeSelector(UnikernelImage image) {
    var selector = new LinkedHashMap<String, String>();
    selector.put("kubernetes.io/arch", "amd64");
    if (image.getSpec().build().nodeSelector() != null) {
      selector.putAll(image.getSpec().build().nodeSelector());
    }
    return selector;
  }

  private static String pullSecret(UnikernelImage image) {
    return image.getSpec().source().image().pullSecret();
  }

  private static String pushSecret(UnikernelImage image) {
    return image.getSpec().publish().registry().pushSecret();
  }
}
