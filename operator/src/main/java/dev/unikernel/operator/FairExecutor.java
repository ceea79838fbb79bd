package dev.unikernel.operator;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Runs tasks on virtual threads. A tenant runs at most its share of them at a time, also when they
 * wait and use no CPU; its further tasks queue, and the queues are served in turn.
 */
final class FairExecutor extends AbstractExecutorService {
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("pass-", 0).factory());
  private final Supplier<String> tenant;
  private final int share;
  private final int most;

  private final Map<String, Queue<Runnable>> waiting = new HashMap<>();
  private final Map<String, Integer> running = new HashMap<>();

  /** Tenants with a waiting task and a free place in their share, the next one first. */
  private final Set<String> next = new LinkedHashSet<>();

  private int all;

  /**
   * @param tenant names the one whose task is being submitted, on the submitting thread
   * @param share tasks of one tenant at a time
   * @param most tasks of all tenants at a time
   */
  FairExecutor(Supplier<String> tenant, int share, int most) {
    this.tenant = tenant;
    this.share = share;
    this.most = most;
  }

  @Override
  public synchronized void execute(Runnable task) {
    var name = tenant.get();
    waiting.computeIfAbsent(name, any -> new ArrayDeque<>()).add(task);
    admit(name);
    start();
  }

  private void start() {
    while (all < most && !next.isEmpty()) {
      Iterator<String> first = next.iterator();
      var name = first.next();
      first.remove();
      var task = waiting.get(name).remove();
      waiting.computeIfPresent(name, (any, queue) -> queue.isEmpty() ? null : queue);
      running.merge(name, 1, Integer::sum);
      all++;
      admit(name);
      threads.execute(() -> run(name, task));
    }
  }

  private void run(String name, Runnable task) {
    try {
      task.run();
    } finally {
      ended(name);
    }
  }

  private synchronized void ended(String name) {
    running.computeIfPresent(name, (any, count) -> count == 1 ? null : count - 1);
    all--;
    admit(name);
    start();
  }

  private void admit(String name) {
    if (waiting.containsKey(name) && running.getOrDefault(name, 0) < share) {
      next.add(name);
    }
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return threads.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.awaitTermination(timeout, unit);
  }
}
