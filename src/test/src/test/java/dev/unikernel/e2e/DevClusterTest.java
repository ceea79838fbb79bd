package dev.unikernel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster comes up as a Kubernetes, and dies without a trace, however it is ended. */
class DevClusterTest {

  @Test
  void twoRunSideBySideAndDieByCloseAndBySigkillWithoutATrace() throws IOException {
    int number;
    Set<Long> processes;
    try (DevCluster cluster = DevCluster.start("--without-kubevirt")) {
      number = cluster.number();
      assertThat(readyNodes(cluster)).containsExactly("dev" + number);
      assertThat(tracesOf(number)).isNotEmpty();
      anotherDiesBySigkill();
      assertThat(readyNodes(cluster)).as("the first lives on").hasSize(1);
      processes = processesOf(number);
    }
    assertThat(tracesOf(number)).isEmpty();
    assertAllEnd(processes);
  }

  private static void anotherDiesBySigkill() throws IOException {
    try (DevCluster another = DevCluster.start("--without-kubevirt")) {
      int number = another.number();
      assertThat(readyNodes(another)).containsExactly("dev" + number);
      Set<Long> processes = processesOf(number);
      ProcessHandle.of(another.pid()).orElseThrow().destroyForcibly();
      await()
          .atMost(DevCluster.PATIENCE)
          .untilAsserted(() -> assertThat(tracesOf(number)).isEmpty());
      assertAllEnd(processes);
    }
  }

  @Test
  void oneThatLosesAComponentEndsAndSaysWhich(@TempDir Path folder) throws IOException {
    Path problems = folder.resolve("problems");
    String announced =
        new Command(
                List.of(
                    DevCluster.SCRIPTS.resolve("up").toString(),
                    "--detach",
                    "--without-kubevirt",
                    "--problems",
                    problems.toString()),
                Map.of())
            .run();
    int number = Integer.parseInt(announced.replaceFirst("(?s).*CLUSTER=", "").strip());
    long scheduler =
        processesOf(number).stream()
            .filter(pid -> name(pid).equals("kube-scheduler"))
            .findFirst()
            .orElseThrow();

    ProcessHandle.of(scheduler).orElseThrow().destroyForcibly();

    await()
        .atMost(DevCluster.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(problems)
                    .content()
                    .contains("kube-scheduler ended with 137; its last words:")
                    .contains("dev cluster " + number + " ended."));
    await().atMost(DevCluster.PATIENCE).untilAsserted(() -> assertThat(tracesOf(number)).isEmpty());
  }

  private static String name(long pid) {
    return lines(Path.of("/proc/" + pid + "/comm")).findFirst().orElse("");
  }

  /** The last of them may still wait for its parent to take note of its end. */
  private static void assertAllEnd(Set<Long> processes) {
    assertThat(processes).hasSizeGreaterThan(8);
    await()
        .atMost(DevCluster.PATIENCE)
        .untilAsserted(() -> assertThat(processes).noneMatch(DevClusterTest::exists));
  }

  private static boolean exists(long pid) {
    return Files.exists(Path.of("/proc/" + pid));
  }

  private static Set<String> readyNodes(DevCluster cluster) {
    return cluster.client().nodes().list().getItems().stream()
        .filter(
            node ->
                node.getStatus().getConditions().stream()
                    .anyMatch(
                        condition ->
                            condition.getType().equals("Ready")
                                && condition.getStatus().equals("True")))
        .map(node -> node.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  /**
   * All that bears the name or an address of the cluster on the host: files, cgroups, interfaces,
   * routes, mounts, disks.
   */
  private static Set<String> tracesOf(int number) throws IOException {
    String name = "ukdev" + number;
    Set<String> traces = new TreeSet<>();
    for (String path :
        Set.of(
            "/run/unikernel-dev-cluster/" + number,
            "/run/unikernel-dev-cluster/" + number + ".lock",
            "/var/tmp/unikernel-dev-cluster-" + number,
            "/sys/class/net/" + name)) {
      if (Files.exists(Path.of(path))) {
        traces.add(path);
      }
    }
    cgroups(number).forEach(cgroup -> traces.add(cgroup.toString()));
    for (String table : Set.of("/proc/net/route", "/proc/mounts", "/proc/net/fib_trie")) {
      lines(Path.of(table))
          .filter(
              line ->
                  line.contains(name)
                      || line.contains("10.200." + number + ".")
                      || line.contains("unikernel-dev-cluster-" + number))
          .forEach(traces::add);
    }
    try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
      disks
          .map(disk -> disk.resolve("loop/backing_file"))
          .flatMap(DevClusterTest::lines)
          .filter(file -> file.startsWith("/var/tmp/unikernel-dev-cluster-" + number + " "))
          .forEach(traces::add);
    }
    return traces;
  }

  private static Set<Long> processesOf(int number) throws IOException {
    Set<Long> processes = new TreeSet<>();
    for (Path cgroup : cgroups(number)) {
      lines(cgroup.resolve("cgroup.procs")).map(Long::parseLong).forEach(processes::add);
    }
    return processes;
  }

  /** The cluster's cgroups and all below them. */
  private static Set<Path> cgroups(int number) throws IOException {
    String mark = "/ukdev" + number;
    try (Stream<Path> tree = Files.walk(Path.of("/sys/fs/cgroup"))) {
      return tree.filter(path -> (path + "/").contains(mark + "/") && Files.isDirectory(path))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (java.io.UncheckedIOException _) {
      return cgroups(number); // one went while we walked
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readString(file).lines();
    } catch (IOException _) {
      return Stream.empty(); // it is not there, or went meanwhile
    }
  }
}
