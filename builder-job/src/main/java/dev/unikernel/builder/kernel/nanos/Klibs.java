package dev.unikernel.builder.kernel.nanos;

import dev.unikernel.builder.BuildFailure;
import dev.unikernel.builder.report.BuildReport.BuildError.Code;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Kernel plug-ins and what they need. One that is missing stops the VM with "missing dependencies";
 * so they are completed here. Read from the undefined symbols of the Nanos 0.1.55 binaries.
 */
final class Klibs {
  private static final Map<String, List<String>> NEEDS =
      Map.of(
          "azure", List.of("cloud_init", "tls"),
          "cloud_init", List.of("tls"),
          "cloudwatch", List.of("tls"),
          "firewall", List.of("radar"),
          "gcp", List.of("tls"),
          "radar", List.of("tls"),
          "shmem", List.of("tmpfs"),
          "userdata", List.of("tls"));

  private Klibs() {}

  /**
   * The wanted ones and all that they need.
   *
   * @param released what the kernel release holds
   * @throws BuildFailure {@code KernelLimit} naming the one that it does not hold
   */
  static SortedSet<String> complete(Collection<String> wanted, SortedSet<String> released) {
    SortedSet<String> complete = new TreeSet<>();
    wanted.forEach(klib -> add(klib, complete, released));
    return complete;
  }

  private static void add(String klib, SortedSet<String> complete, SortedSet<String> released) {
    if (!released.contains(klib)) {
      throw new BuildFailure(
          Code.KernelLimit,
          "this Nanos release has no klib " + klib,
          released.isEmpty()
              ? "leave spec.kernel.klibs empty, or choose another spec.kernel.version"
              : "choose from: " + String.join(", ", released));
    }
    if (complete.add(klib)) {
      NEEDS.getOrDefault(klib, List.of()).forEach(need -> add(need, complete, released));
    }
  }
}
