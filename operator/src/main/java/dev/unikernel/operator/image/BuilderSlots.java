package dev.unikernel.operator.image;

import dev.unikernel.api.UnikernelImage;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bounds how many builders run at once in the whole cluster. An image takes a slot before its Job
 * is created and keeps it while the Job can run; images that find none wait in line and are woken.
 * Namespaces take turns: next is the one with the fewest builders, and of its images the one that
 * has waited longest. A builder that cannot start, for want of a node, a quota or its own image,
 * holds a slot of its namespace and none of the others'.
 */
final class BuilderSlots extends AbstractEventSource<Void, UnikernelImage>
    implements ResourceEventAware<UnikernelImage> {

  /** What an image does with a slot. */
  enum Use {
    NONE,
    WAITING,
    STUCK,
    RUNNING
  }

  /**
   * How far the line is.
   *
   * @param running builders that hold a slot
   */
  record Line(int running, int slots) {}

  private record Place(Use use, long since) {}

  private final int slots;
  private final Map<ResourceID, Place> places = new HashMap<>();
  private long arrivals;
  private boolean seeded;
  private Cache<Job> jobs;
  private Cache<UnikernelImage> images;

  BuilderSlots(int slots) {
    super(Void.class, "builder-slots");
    this.slots = slots;
  }

  /**
   * Where to read, before the first slot is asked for, which builders an earlier process started.
   */
  synchronized void startFrom(Cache<Job> jobs, Cache<UnikernelImage> images) {
    this.jobs = jobs;
    this.images = images;
    this.seeded = false;
  }

  /** Empty when {@code image} has a slot now; else it waits, and is woken when its turn comes. */
  synchronized Optional<Line> take(ResourceID image) {
    seed();
    var place = places.get(image);
    if (place != null && place.use() == Use.RUNNING) {
      return Optional.empty();
    }
    long since = place != null && place.use() == Use.WAITING ? place.since() : ++arrivals;
    places.put(image, new Place(Use.WAITING, since));
    if (next().contains(image)) {
      places.put(image, new Place(Use.RUNNING, since));
      return Optional.empty();
    }
    return Optional.of(new Line(count(Use.RUNNING), slots));
  }

  /** What a pass found that {@code image} does with its slot. */
  void note(ResourceID image, Use use) {
    wake(change(image, use));
  }

  private synchronized List<ResourceID> change(ResourceID image, Use use) {
    seed();
    var before = places.get(image);
    if (use == Use.NONE) {
      places.remove(image);
    } else if (before == null || before.use() != use) {
      places.put(image, new Place(use, before == null ? ++arrivals : before.since()));
    }
    return before == null || before.use() == use ? List.of() : next();
  }

  private void wake(List<ResourceID> next) {
    next.forEach(image -> getEventHandler().handleEvent(new Event(image)));
  }

  /** The images whose turn it is, as many as there are free slots. */
  private List<ResourceID> next() {
    int free = slots - count(Use.RUNNING);
    if (free <= 0) {
      return List.of();
    }
    var held = new HashMap<String, Integer>();
    places.forEach(
        (image, place) -> {
          if (place.use() != Use.WAITING) {
            held.merge(namespace(image), 1, Integer::sum);
          }
        });
    return places.entrySet().stream()
        .filter(entry -> entry.getValue().use() == Use.WAITING)
        .filter(entry -> held.getOrDefault(namespace(entry.getKey()), 0) < slots)
        .sorted(
            Comparator.<Map.Entry<ResourceID, Place>>comparingInt(
                    entry -> held.getOrDefault(namespace(entry.getKey()), 0))
                .thenComparingLong(entry -> entry.getValue().since()))
        .limit(free)
        .map(Map.Entry::getKey)
        .toList();
  }

  private int count(Use use) {
    return (int) places.values().stream().filter(place -> place.use() == use).count();
  }

  /** The Jobs at work when the operator starts hold slots until their images have had a pass. */
  private void seed() {
    if (seeded || jobs == null) {
      return;
    }
    seeded = true;
    var owners = Mappers.<Job>fromOwnerReferences(UnikernelImage.class);
    jobs.list(job -> !Attempt.finished(job))
        .flatMap(job -> owners.toPrimaryResourceIDs(job).stream())
        .filter(image -> images.contains(image))
        .forEach(image -> places.putIfAbsent(image, new Place(Use.RUNNING, ++arrivals)));
  }

  private static String namespace(ResourceID image) {
    return image.getNamespace().orElse("");
  }

  @Override
  public void onResourceDeleted(UnikernelImage image) {
    note(ResourceID.fromResource(image), Use.NONE);
  }

  @Override
  public Set<Void> getSecondaryResources(UnikernelImage image) {
    return Set.of();
  }
}
