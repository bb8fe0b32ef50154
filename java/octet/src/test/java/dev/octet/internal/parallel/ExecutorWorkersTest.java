package dev.octet.internal.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The contract over an ordinary pool, and executors that behave in every way they may. */
class ExecutorWorkersTest extends WorkersContract {
  private static final ExecutorService POOL = Executors.newFixedThreadPool(4);

  @AfterAll
  static void shutdown() {
    POOL.shutdown();
  }

  @Override
  Workers create(int threads) {
    return threads == 1 ? new CallerOnly() : new ExecutorWorkers(POOL, threads);
  }

  private static void thousandCalls(Executor executor, int threads) {
    Workers workers = new ExecutorWorkers(executor, threads);
    for (int run = 0; run < 1000; run++) {
      assertEquals(null, new Call(2 + run % 9).on(workers));
    }
  }

  @Test
  void helpComesFromTheExecutor() {
    Workers workers = open(3);
    Set<Thread> met = ConcurrentHashMap.newKeySet();
    CyclicBarrier barrier = new CyclicBarrier(3);
    workers.run(3, tile -> {
      met.add(Thread.currentThread());
      try {
        barrier.await(60, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("no help came", e);
      }
    });
    assertEquals(3, met.size());
    assertTrue(met.contains(Thread.currentThread()));
  }

  @Test
  void anExecutorThatRejects() {
    AtomicInteger asked = new AtomicInteger();
    thousandCalls(task -> {
      asked.incrementAndGet();
      throw new RejectedExecutionException();
    }, 4);
    assertEquals(1000, asked.get(), "one rejection a call is enough to know");
  }

  @Test
  void anExecutorThatRunsOnTheCallingThread() {
    thousandCalls(Runnable::run, 4);
  }

  @Test
  void anExecutorWithAVirtualThreadForEachTask() {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      thousandCalls(executor, 4);
    }
  }

  @Test
  void anExecutorThatIsFullNowAndThen() {
    try (ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS,
        new SynchronousQueue<>())) {
      thousandCalls(executor, 4);
    }
  }

  /** Tasks that never start are not waited for, not submitted without bound, and harmless when they come. */
  @Test
  void anExecutorThatIsStuck() {
    ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    Workers workers = new ExecutorWorkers(queue::add, 4);
    Thread self = Thread.currentThread();
    for (int run = 0; run < 10_000; run++) {
      workers.run(5, tile -> assertSame(self, Thread.currentThread()));
    }
    // Three tasks, submitted once more a second at most; a run of this test never takes a minute.
    assertTrue(queue.size() >= 3 && queue.size() <= 3 * 60, () -> queue.size() + " tasks are waiting");
    queue.forEach(Runnable::run);
    int before = queue.size();
    workers.run(5, tile -> {
    });
    assertEquals(before + 3, queue.size(), "tasks that have run are submitted again");
  }

  /** Some executors drop tasks; when they take tasks again, help comes again. */
  @Test
  void anExecutorThatDropsTasksForAWhile() throws InterruptedException {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    boolean[] dropping = {true};
    Workers workers = new ExecutorWorkers(task -> {
      if (!dropping[0]) {
        pool.execute(task);
      }
    }, 2);
    workers.run(2, tile -> {
    });
    dropping[0] = false;
    CountDownLatch helped = new CountDownLatch(1);
    Thread self = Thread.currentThread();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (helped.getCount() != 0) {
      assertTrue(System.nanoTime() < end, "help never came again");
      workers.run(2, tile -> {
        if (Thread.currentThread() != self) {
          helped.countDown();
        } else {
          Thread.onSpinWait();
        }
      });
    }
    pool.shutdown();
  }

  @Test
  void anExecutorThatIsBusyWithSomethingElse() {
    CountDownLatch over = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.execute(() -> {
        try {
          over.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      });
      try {
        thousandCalls(executor, 4);
      } finally {
        over.countDown();
      }
    }
  }

  /** Calls from the executor's own only thread: their tasks can never start before they return. */
  @Test
  void callsFromTheExecutorItself() throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(() -> thousandCalls(executor, 4)).get(60, TimeUnit.SECONDS);
    }
  }

  /** What is no rejection is the executor's failure, and thrown when no tile is in flight any more. */
  @Test
  void anExecutorThatFails() {
    IllegalStateException failure = new IllegalStateException("broken");
    AtomicInteger asked = new AtomicInteger();
    Workers workers = new ExecutorWorkers(task -> {
      if (asked.incrementAndGet() == 2) {
        throw failure;
      }
      POOL.execute(task);
    }, 4);
    Call call = new Call(100);
    assertSame(failure, assertThrows(IllegalStateException.class, () -> call.on(workers)));
    assertEquals(null, new Call(100).on(workers));
  }

  @Test
  void closeLeavesTheExecutorOpen() throws Exception {
    Workers workers = open(4);
    workers.close();
    assertEquals(7, POOL.submit(() -> 7).get());
  }
}
