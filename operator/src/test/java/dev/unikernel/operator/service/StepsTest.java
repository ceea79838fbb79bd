package dev.unikernel.operator.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelService;
import dev.unikernel.api.UnikernelServiceSpec;
import dev.unikernel.operator.backend.Attempt;
import dev.unikernel.operator.backend.Backend;
import dev.unikernel.operator.backend.Instance;
import dev.unikernel.operator.backend.Launch;
import dev.unikernel.operator.kube.Events;
import dev.unikernel.operator.service.Plan.Create;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.lang.reflect.Proxy;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many instances one pass asks for. */
@EnableKubernetesMockClient(crud = true)
class StepsTest {
  static KubernetesClient client;

  private final Clock clock = Clock.systemUTC();
  private final Counting backend = new Counting();
  private final UnikernelService service = new UnikernelService();
  private final Set<String> created = new ConcurrentSkipListSet<>();

  @Test
  void ofAThousandOnePassCreates127AndThenTheStatusIsWritten() {
    var taken = take(1000);
    assertThat(created).hasSize(127);
    assertThat(taken.refused()).isEmpty();
    assertThat(taken.again()).isPresent();
  }

  @Test
  void whatFitsIntoOnePassIsDone() {
    assertThat(take(127).again()).isEmpty();
    assertThat(created).hasSize(127);
  }

  /** A quota is asked for one batch more than it has room for, and batches double from 1 to 16. */
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 3", "2, 3", "3, 7", "20, 31", "100, 111"})
  void afterARefusalNoFurtherBatchIsAskedFor(int quota, int asked) {
    backend.quota = quota;
    var taken = take(1000);
    assertThat(backend.asked).hasValue(asked);
    assertThat(created).hasSize(quota);
    assertThat(taken.refused()).isPresent();
    assertThat(taken.again()).isEmpty();
  }

  @Test
  void aConflictIsNoRefusalAndIsTriedAgain() {
    backend.quota = 0;
    backend.code = HttpURLConnection.HTTP_CONFLICT;
    var taken = take(3);
    assertThat(taken.refused()).isEmpty();
    assertThat(taken.again()).isPresent();
  }

  private Steps.Taken take(int creates) {
    service.getMetadata().setName("hello");
    service.getMetadata().setNamespace("demo");
    service.setSpec(
        new UnikernelServiceSpec(null, creates, null, null, null, null, null, null, null));
    var guest = World.guest("v1");
    var seen = Observation.of(service, new Target.Known(guest), List.of(), clock.instant());
    var steps =
        IntStream.range(0, creates)
            .mapToObj(
                i ->
                    new Create(
                        new Launch(
                            Launch.name("hello", guest.revision(), i),
                            guest,
                            Attempt.first(seen.now())),
                        Optional.empty(),
                        "a test wants it"))
            .toList();
    return new Steps(backend, new Story(new Events(client, clock)), clock)
        .take(new Plan(List.copyOf(steps), Optional.empty()), seen, Optional.empty(), context());
  }

  @SuppressWarnings("unchecked")
  private Context<UnikernelService> context() {
    return (Context<UnikernelService>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Context.class},
            (_, method, _) -> {
              if (method.getName().equals("getPrimaryResource")) {
                return service;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  /** Creates as many instances as its quota allows, and refuses the others. */
  private final class Counting implements Backend {
    private int quota = Integer.MAX_VALUE;
    private int code = HttpURLConnection.HTTP_FORBIDDEN;
    private final AtomicInteger asked = new AtomicInteger();

    @Override
    public void create(Launch launch, String pullSecret, Context<UnikernelService> context) {
      if (asked.incrementAndGet() > quota) {
        throw new KubernetesClientException("exceeded quota", code, null);
      }
      created.add(launch.name());
    }

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public List<EventSource<?, UnikernelService>> eventSources(
        EventSourceContext<UnikernelService> context) {
      return List.of();
    }

    @Override
    public Optional<String> unavailable(Context<UnikernelService> context) {
      return Optional.empty();
    }

    @Override
    public List<Instance> observe(Context<UnikernelService> context) {
      return List.of();
    }

    @Override
    public Optional<String> pullSecret(String revision, Context<UnikernelService> context) {
      return Optional.empty();
    }

    @Override
    public void restore(Context<UnikernelService> context) {}

    @Override
    public void drain(Instance instance, Instant now, Context<UnikernelService> context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void readmit(Instance instance, Context<UnikernelService> context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void hold(Instance instance, Instant until, Context<UnikernelService> context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(Instance instance, Context<UnikernelService> context) {
      throw new UnsupportedOperationException();
    }
  }
}
