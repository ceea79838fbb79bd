package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImageSpec.KernelName;
import dev.unikernel.builder.plan.BuildPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How guests look up names: by the cluster's name servers, with the search domains that a pod of
 * their namespace has. What the settings leave out is taken from the operator's own {@code
 * /etc/resolv.conf}, which the kubelet wrote.
 *
 * @param nameServers addresses; none where nothing is known
 * @param clusterDomain such as {@code cluster.local}, if it is known
 * @param otherSearches domains behind the cluster's
 * @param isSet whether the platform team named the name servers
 */
record GuestDns(
    List<String> nameServers,
    Optional<String> clusterDomain,
    List<String> otherSearches,
    boolean isSet) {

  private static final Logger LOG = LoggerFactory.getLogger(GuestDns.class);
  private static final String SERVICES = "svc.";

  /** Reads settings and file once: the kubelet writes it before the operator starts. */
  static GuestDns read(BuilderSettings.Dns settings) {
    String resolvConf;
    try {
      resolvConf = Files.readString(settings.resolvConf());
    } catch (IOException e) {
      LOG.warn("Cannot read the name servers of this pod from {}", settings.resolvConf(), e);
      resolvConf = "";
    }
    var dns = of(settings, resolvConf);
    if (dns.nameServers.isEmpty()) {
      LOG.warn("No name servers are known: guests of kernel nanos cannot look up names");
    }
    return dns;
  }

  static GuestDns of(BuilderSettings.Dns settings, String resolvConf) {
    var searches = lastWords("search", resolvConf);
    var found = settings.clusterDomain().or(() -> clusterDomain(searches));
    var other =
        settings
            .searches()
            .orElseGet(() -> searches.stream().filter(Predicate.not(isOf(found))).toList());
    return new GuestDns(
        settings.nameservers().orElseGet(() -> nameServers(resolvConf)),
        found,
        other,
        settings.nameservers().isPresent());
  }

  /**
   * What a build is told, or null. A disk for Nanos holds it, since Nanos takes no name servers
   * from DHCP. A linux guest does, so only what the platform team set goes into its disk, for
   * networks whose DHCP names none.
   */
  BuildPlan.Dns of(KernelName kernel, String namespace) {
    if (nameServers.isEmpty() || (kernel == KernelName.LINUX && !isSet)) {
      return null;
    }
    var searches = new ArrayList<String>();
    clusterDomain.ifPresent(
        domain -> {
          searches.add(namespace + "." + SERVICES + domain);
          searches.add(SERVICES + domain);
          searches.add(domain);
        });
    searches.addAll(otherSearches);
    return new BuildPlan.Dns(nameServers, searches);
  }

  /** A loopback address means a server on the machine that wrote it. */
  private static List<String> nameServers(String resolvConf) {
    return resolvConf
        .lines()
        .map(GuestDns::words)
        .filter(words -> words.size() > 1 && words.getFirst().equals("nameserver"))
        .map(words -> words.get(1))
        .filter(address -> !address.startsWith("127.") && !address.equals("::1"))
        .toList();
  }

  /** {@code db} in namespace {@code a} is found by the search for {@code a.svc.DOMAIN}. */
  private static Optional<String> clusterDomain(List<String> searches) {
    return searches.stream()
        .filter(search -> search.startsWith(SERVICES))
        .map(search -> search.substring(SERVICES.length()))
        .filter(
            domain ->
                searches.stream().anyMatch(search -> search.endsWith("." + SERVICES + domain)))
        .findFirst();
  }

  private static Predicate<String> isOf(Optional<String> domain) {
    return search ->
        domain.isPresent()
            && (search.equals(domain.get())
                || ("." + search).endsWith("." + SERVICES + domain.get()));
  }

  /** The last line of a kind counts (resolv.conf(5)). */
  private static List<String> lastWords(String kind, String resolvConf) {
    return resolvConf
        .lines()
        .map(GuestDns::words)
        .filter(words -> words.getFirst().equals(kind))
        .reduce((first, second) -> second)
        .map(words -> words.subList(1, words.size()))
        .map(words -> words.stream().map(word -> word.replaceFirst("\\.$", "")).toList())
        .orElse(List.of());
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.strip().split("\\s+", -1));
  }
}
