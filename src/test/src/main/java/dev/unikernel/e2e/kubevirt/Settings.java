package dev.unikernel.e2e.kubevirt;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the cluster's scripts tell the stand-in, by environment variables.
 *
 * @param launcherImage image of the launcher pods, already on the node (LAUNCHER_IMAGE)
 * @param guestNetwork the script that plumbs a guest's network (GUEST_NETWORK)
 * @param podDirectory where kubelet keeps the pods' volumes (KUBELET_PODS)
 * @param probeDelay what KubeVirt adds to the initial delay of every probe: 10 s
 *     (KUBEVIRT_PROBE_DELAY, in seconds)
 * @param linger how long a launcher outlives its QEMU: 8 s, as recorded with KubeVirt 1.9
 *     (KUBEVIRT_LINGER, in seconds)
 * @param terminal a line written to this file comes to the terminal that the cluster was started
 *     from (TERMINAL)
 */
record Settings(
    String launcherImage,
    Path guestNetwork,
    Path podDirectory,
    Duration probeDelay,
    Duration linger,
    Path terminal) {

  static Settings from(Map<String, String> environment) {
    return new Settings(
        required(environment, "LAUNCHER_IMAGE"),
        Path.of(required(environment, "GUEST_NETWORK")),
        Path.of(environment.getOrDefault("KUBELET_PODS", "/var/lib/kubelet/pods")),
        seconds(environment, "KUBEVIRT_PROBE_DELAY", 10),
        seconds(environment, "KUBEVIRT_LINGER", 8),
        Path.of(environment.getOrDefault("TERMINAL", "/dev/stderr")));
  }

  private static String required(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .orElseThrow(
            () -> new IllegalArgumentException("set " + name + "; the dev cluster's scripts do"));
  }

  private static Duration seconds(Map<String, String> environment, String name, long otherwise) {
    String value = environment.get(name);
    return Duration.ofSeconds(value == null || value.isEmpty() ? otherwise : Long.parseLong(value));
  }
}
