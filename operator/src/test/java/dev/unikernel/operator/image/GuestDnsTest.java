package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImageSpec.KernelName;
import dev.unikernel.builder.plan.BuildPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuestDnsTest {
  private static final String KUBELETS =
      """
      search unikernel-system.svc.cluster.local svc.cluster.local cluster.local corp.example
      nameserver 10.96.0.10
      options ndots:5
      """;
  private static final Set NOTHING = new Set(List.of(), null, List.of());

  @Test
  void aGuestSearchesTheDomainsOfItsOwnNamespace() {
    assertThat(GuestDns.of(NOTHING, KUBELETS).of(KernelName.NANOS, "prod"))
        .isEqualTo(
            new BuildPlan.Dns(
                List.of("10.96.0.10"),
                List.of(
                    "prod.svc.cluster.local",
                    "svc.cluster.local",
                    "cluster.local",
                    "corp.example")));
  }

  @Test
  void anotherDomainOfTheClusterIsFound() {
    var dns =
        GuestDns.of(
            NOTHING,
            "nameserver fd00::a\nsearch x.svc.k8s.corp. svc.k8s.corp. k8s.corp. svc.example\n");
    assertThat(dns.of(KernelName.NANOS, "x"))
        .isEqualTo(
            new BuildPlan.Dns(
                List.of("fd00::a"),
                List.of("x.svc.k8s.corp", "svc.k8s.corp", "k8s.corp", "svc.example")));
  }

  @Test
  void whatThePlatformTeamSetsGoesFirst() {
    var set = new Set(List.of("10.0.0.53"), "corp.local", List.of("corp.example"));
    assertThat(GuestDns.of(set, KUBELETS).of(KernelName.NANOS, "prod"))
        .isEqualTo(
            new BuildPlan.Dns(
                List.of("10.0.0.53"),
                List.of("prod.svc.corp.local", "svc.corp.local", "corp.local", "corp.example")));
  }

  @Test
  void outsideOfAClusterTheNamespaceIsSearchedNowhere() {
    assertThat(
            GuestDns.of(NOTHING, "search corp.example\nnameserver 10.0.0.53")
                .of(KernelName.NANOS, "x"))
        .isEqualTo(new BuildPlan.Dns(List.of("10.0.0.53"), List.of("corp.example")));
  }

  @Test
  void serversOfTheLoopbackAreNoneForAGuest() {
    for (var text : List.of("", "\n\n", "nameserver", "nameserver 127.0.0.53\nnameserver ::1\n")) {
      assertThat(GuestDns.of(NOTHING, text).of(KernelName.NANOS, "x")).as(text).isNull();
    }
  }

  @Test
  void aLinuxGuestAsksDhcpUnlessThePlatformTeamSaysMore() {
    assertThat(GuestDns.of(NOTHING, KUBELETS).of(KernelName.LINUX, "prod")).isNull();
    var set = new Set(List.of("10.0.0.53"), null, List.of());
    assertThat(GuestDns.of(set, "").of(KernelName.LINUX, "prod").nameServers())
        .containsExactly("10.0.0.53");
  }

  @Test
  void otherNameServersMakeAnotherNanosDiskAndTheSameLinuxOne() {
    for (var kernel : List.of("nanos", "linux")) {
      var image = Images.image("{kernel: {name: %s}}".formatted(kernel));
      var digests =
          List.of("10.96.0.10", "10.96.0.11").stream()
              .map(server -> new GuestDns(List.of(server), Optional.empty(), List.of(), false))
              .map(
                  dns ->
                      Resolver.resolve(
                          image, java.util.Map.of(), Images.CATALOGUE, dns, Images.SETTINGS))
              .map(resolution -> ((Resolution.Complete) resolution).inputs().digest())
              .distinct();
      assertThat(digests).as(kernel).hasSize(kernel.equals("nanos") ? 2 : 1);
    }
  }

  private record Set(List<String> servers, String domain, List<String> domains)
      implements BuilderSettings.Dns {
    @Override
    public Optional<List<String>> nameservers() {
      return Optional.of(servers).filter(list -> !list.isEmpty());
    }

    @Override
    public Optional<List<String>> searches() {
      return Optional.of(domains).filter(list -> !list.isEmpty());
    }

    @Override
    public Optional<String> clusterDomain() {
      return Optional.ofNullable(domain);
    }

    @Override
    public Path resolvConf() {
      throw new UnsupportedOperationException();
    }
  }
}
