package dev.unikernel.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FairExecutorTest {
  private final ThreadLocal<String> tenant = new ThreadLocal<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final FairExecutor executor = new FairExecutor(tenant::get, 3, 5);

  @AfterEach
  void end() {
    end.countDown();
    executor.shutdown();
  }

  @Test
  void aTenantThatBlocksHoldsItsShareAndNotMore() throws InterruptedException {
    var running = new AtomicInteger();
    var started = new CountDownLatch(3);
    for (int i = 0; i < 500; i++) {
      submit(
          "b",
          () -> {
            running.incrementAndGet();
            started.countDown();
            await(end);
          });
    }
    started.await();
    for (int i = 0; i < 50; i++) {
      var done = new CountDownLatch(1);
      submit("a", done::countDown);
      done.await();
    }
    assertThat(running).hasValue(3);
  }

  @Test
  void allThatWaitsRunsInTurnOnceThereIsRoom() throws InterruptedException {
    var order = Collections.synchronizedList(new ArrayList<String>());
    var full = new CountDownLatch(5);
    for (var holder : List.of("x", "x", "x", "y", "y")) {
      submit(
          holder,
          () -> {
            full.countDown();
            await(end);
          });
    }
    full.await();
    var all = new CountDownLatch(40);
    for (int i = 0; i < 20; i++) {
      for (var name : List.of("a", "b")) {
        submit(
            name,
            () -> {
              order.add(name);
              all.countDown();
            });
      }
    }
    assertThat(order).isEmpty();
    end.countDown();
    all.await();
    assertThat(order).hasSize(40);
    executor.shutdown();
    assertThat(executor.awaitTermination(3, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void aTaskThatThrowsFreesItsPlace() throws InterruptedException {
    var done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      submit(
          "a",
          () -> {
            done.countDown();
            throw new IllegalStateException("as a test");
          });
    }
    done.await();
  }

  private void submit(String name, Runnable task) {
    tenant.set(name);
    executor.execute(task);
    tenant.remove();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
