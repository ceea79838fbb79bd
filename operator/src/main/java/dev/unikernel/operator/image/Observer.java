package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.api.UnikernelService;
import dev.unikernel.operator.kube.Owned;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The reading half of a pass. All of it comes out of caches, but for the content of the ConfigMaps
 * that the spec names, which no cache holds.
 */
final class Observer {
  private Observer() {}

  static Observation observe(
      UnikernelImage image,
      Context<UnikernelImage> context,
      KernelCatalogue catalogue,
      GuestDns dns,
      BuilderSettings settings,
      Instant now) {
    var resolution =
        Resolver.resolve(image, configMaps(image, context.getClient()), catalogue, dns, settings);
    var plans =
        context
            .getSecondaryResourcesAsStream(ConfigMap.class)
            .filter(map -> Owned.controls(image, map))
            .toList();
    return new Observation(
        image, resolution, attempts(image, context, now), missing(context), plans, now);
  }

  private static Map<String, String> missing(Context<UnikernelImage> context) {
    var missing = new TreeMap<String, String>();
    context
        .getSecondaryResourcesAsStream(UnikernelService.class)
        .sorted(Comparator.comparing(service -> service.getMetadata().getName()))
        .forEach(
            service ->
                missing.putIfAbsent(
                    service.getStatus().image().digest(), service.getMetadata().getName()));
    return missing;
  }

  private static List<Attempt> attempts(
      UnikernelImage image, Context<UnikernelImage> context, Instant now) {
    var pods = context.getSecondaryResourcesAsStream(Pod.class).toList();
    var events = context.getSecondaryResourcesAsStream(Event.class).toList();
    return context
        .getSecondaryResourcesAsStream(Job.class)
        .filter(job -> Owned.controls(image, job))
        .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
        .map(
            job ->
                Attempt.of(
                    job,
                    pods.stream().filter(pod -> Owned.controls(job, pod)).toList(),
                    refusal(job, events),
                    Observation.status(image).build(),
                    now))
        .toList();
  }

  private static Map<String, ConfigMap> configMaps(UnikernelImage image, KubernetesClient client) {
    var found = new HashMap<String, ConfigMap>();
    for (var name : Resolver.configMapNames(image)) {
      var map =
          client.configMaps().inNamespace(image.getMetadata().getNamespace()).withName(name).get();
      if (map != null) {
        found.put(name, map);
      }
    }
    return found;
  }

  /** What the Job controller says when the API server does not let it make a pod. */
  private static Optional<String> refusal(Job job, List<Event> events) {
    return events.stream()
        .filter(
            event -> Objects.equals(event.getInvolvedObject().getUid(), job.getMetadata().getUid()))
        .max(
            Comparator.comparing(event -> Objects.requireNonNullElse(event.getLastTimestamp(), "")))
        .map(Event::getMessage)
        .map(message -> RefusalAdvice.of(message, job.getMetadata().getName()));
  }
}
