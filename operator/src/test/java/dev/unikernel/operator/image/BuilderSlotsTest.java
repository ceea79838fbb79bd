package dev.unikernel.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unikernel.api.UnikernelImage;
import dev.unikernel.operator.image.BuilderSlots.Line;
import dev.unikernel.operator.image.BuilderSlots.Use;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BuilderSlotsTest {
  private final List<ResourceID> woken = new ArrayList<>();
  private final BuilderSlots slots = new BuilderSlots(2);

  @BeforeEach
  void listen() {
    slots.setEventHandler(event -> woken.add(event.getRelatedCustomResourceID()));
  }

  @Test
  void asManyBuildAsThereAreSlotsAndTheOthersAreWokenInTheOrderInWhichTheyCame() {
    assertThat(slots.take(image("a", "1"))).isEmpty();
    assertThat(slots.take(image("a", "2"))).isEmpty();
    assertThat(slots.take(image("a", "3"))).contains(new Line(2, 2));
    assertThat(slots.take(image("a", "4"))).contains(new Line(2, 2));
    assertThat(slots.take(image("a", "1"))).as("a slot is kept").isEmpty();

    slots.note(image("a", "1"), Use.NONE);
    assertThat(woken).containsExactly(image("a", "3"));
    assertThat(slots.take(image("a", "4"))).as("not its turn").contains(new Line(1, 2));
    assertThat(slots.take(image("a", "3"))).isEmpty();
  }

  @Test
  void oneNamespaceWithManyBuildsDoesNotHoldUpTheNext() {
    for (int i = 0; i < 50; i++) {
      slots.take(image("many", "" + i));
    }
    slots.take(image("few", "1"));
    slots.note(image("many", "0"), Use.NONE);
    assertThat(woken).containsExactly(image("few", "1"));
  }

  @Test
  void buildersThatCannotStartHoldUpTheirOwnNamespaceOnly() {
    for (var name : List.of("1", "2")) {
      slots.take(image("stuck", name));
      slots.note(image("stuck", name), Use.STUCK);
    }
    assertThat(slots.take(image("stuck", "3"))).contains(new Line(0, 2));
    assertThat(slots.take(image("fine", "1"))).isEmpty();

    slots.note(image("stuck", "1"), Use.NONE);
    assertThat(woken).containsExactly(image("stuck", "3"));
  }

  @Test
  void anImageThatWaitsNoLongerOrWasDeletedGivesItsTurnToTheNext() {
    slots.take(image("a", "1"));
    slots.take(image("a", "2"));
    slots.take(image("a", "3"));
    slots.take(image("a", "4"));
    slots.note(image("a", "1"), Use.NONE);
    slots.note(image("a", "3"), Use.NONE);
    assertThat(woken).containsExactly(image("a", "3"), image("a", "4"));

    var deleted = new UnikernelImage();
    deleted.getMetadata().setNamespace("a");
    deleted.getMetadata().setName("2");
    slots.take(image("a", "4"));
    slots.take(image("a", "5"));
    woken.clear();
    slots.onResourceDeleted(deleted);
    assertThat(woken).containsExactly(image("a", "5"));
  }

  private static ResourceID image(String namespace, String name) {
    return new ResourceID(name, namespace);
  }
}
