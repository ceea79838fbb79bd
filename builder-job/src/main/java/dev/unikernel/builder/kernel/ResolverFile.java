package dev.unikernel.builder.kernel;

import dev.unikernel.builder.plan.BuildPlan.Dns;
import dev.unikernel.builder.tree.Content;
import java.util.Arrays;
import java.util.List;

/** {@code /etc/resolv.conf}: by which servers, and under which domains, a guest looks up names. */
public final class ResolverFile {
  public static final String PATH = "/etc/resolv.conf";

  /** As in a pod: a name with fewer dots is tried under the search domains first. */
  private static final String OPTIONS = "options ndots:5\n";

  private ResolverFile() {}

  /** The file as the kubelet writes it into a pod. */
  public static Content of(Dns dns) {
    StringBuilder text = new StringBuilder();
    if (!dns.searches().isEmpty()) {
      text.append("search ").append(String.join(" ", dns.searches())).append('\n');
    }
    dns.nameServers().forEach(server -> text.append("nameserver ").append(server).append('\n'));
    return Content.of(text.append(OPTIONS).toString());
  }

  /**
   * Whether the file of an image says anything for a guest. Builders of images leave empty ones,
   * and those of the machine that built the image, whose name server is on its own loopback.
   */
  public static boolean namesServer(String text) {
    return text.lines()
        .map(line -> Arrays.asList(line.strip().split("\\s+", -1)))
        .filter(words -> words.size() > 1 && words.getFirst().equals("nameserver"))
        .map(words -> words.get(1))
        .anyMatch(server -> !isLocal(server));
  }

  private static boolean isLocal(String server) {
    return server.startsWith("127.") || List.of("::1", "0.0.0.0", "::").contains(server);
  }
}
