package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
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

/** The reading half of a pass: caches first, the API server for what no cache holds. */
final class Observer {
  private Observer() {}

  static Observation observe(
      UnikernelImage image,
      Context<UnikernelImage> context,
      KernelCatalogue catalogue,
      GuestDns dns,
      BuilderSettings settings,
      Instant now) {
    var client = context.getClient();
    var resolution = Resolver.resolve(image, configMaps(image, client), catalogue, dns, settings);
    var jobs =
        context
            .getSecondaryResourcesAsStream(Job.class)
            .filter(job -> Owned.controls(image, job))
            .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
            .toList();
    var pods = context.getSecondaryResourcesAsStream(Pod.class).toList();
    var known = new HashMap<String, List<Pod>>();
    var refusals = new HashMap<String, String>();
    for (var job : jobs) {
      var its = Observation.podsOf(job, pods);
      if (Attempt.finished(job) && its.stream().noneMatch(Observer::ended)) {
        its = podsOnServer(job, client);
      } else if (its.isEmpty()) {
        refusal(job, client).ifPresent(why -> refusals.put(job.getMetadata().getName(), why));
      }
      known.put(job.getMetadata().getName(), its);
    }
    var plans =
        context
            .getSecondaryResourcesAsStream(ConfigMap.class)
            .filter(map -> Owned.controls(image, map))
            .toList();
    return new Observation(image, resolution, jobs, known, refusals, plans, now);
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

  /** The watch of pods may be behind the watch of Jobs: nothing is lost before this says so. */
  private static List<Pod> podsOnServer(Job job, KubernetesClient client) {
    return client
        .pods()
        .inNamespace(job.getMetadata().getNamespace())
        .withLabel("batch.kubernetes.io/controller-uid", job.getMetadata().getUid())
        .list()
        .getItems();
  }

  private static boolean ended(Pod pod) {
    return pod.getStatus() != null
        && ("Succeeded".equals(pod.getStatus().getPhase())
            || "Failed".equals(pod.getStatus().getPhase()));
  }

  /** What the Job controller says when the API server does not let it make a pod. */
  private static Optional<String> refusal(Job job, KubernetesClient client) {
    return client
        .v1()
        .events()
        .inNamespace(job.getMetadata().getNamespace())
        .withField("involvedObject.uid", job.getMetadata().getUid())
        .withField("reason", "FailedCreate")
        .list()
        .getItems()
        .stream()
        .max(
            Comparator.comparing(event -> Objects.requireNonNullElse(event.getLastTimestamp(), "")))
        .map(Event::getMessage)
        .map(Observer::withoutPodName);
  }

  /** Every try has a pod name of its own, and the message should not change with it. */
  private static String withoutPodName(String message) {
    return message.replaceAll("pods \"[^\"]*\" is ", "the pod is ");
  }
}
