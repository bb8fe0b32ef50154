package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Every piece once, whatever the executor does. */
class SpreadTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private static void everyPieceOnce(Spread spread, int count) {
    AtomicIntegerArray done = new AtomicIntegerArray(count);
    spread.run(count, done::incrementAndGet);
    int[] once = new int[count];
    Arrays.fill(once, 1);
    int[] actual = new int[count];
    Arrays.setAll(actual, done::get);
    assertArrayEquals(once, actual);
  }

  @Test
  void everyPieceIsDoneOnce() {
    for (int count : new int[]{0, 1, 2, 7, 1000}) {
      everyPieceOnce(new Spread(THREADS, 4), count);
      everyPieceOnce(new Spread(Runnable::run, 4), count);
      everyPieceOnce(new Spread(task -> {
      }, 4), count);
      everyPieceOnce(new Spread(task -> {
        throw new RejectedExecutionException();
      }, 4), count);
    }
  }

  @Test
  void asManyHelpersAsThereIsWorkFor() {
    List<Runnable> tasks = new ArrayList<>();
    new Spread(tasks::add, 4).run(9, piece -> {
    });
    assertEquals(3, tasks.size());
    tasks.forEach(Runnable::run); // too late: nothing is left
    tasks.clear();
    new Spread(tasks::add, 4).run(2, piece -> {
    });
    assertEquals(1, tasks.size());
    tasks.clear();
    new Spread(tasks::add, 1).run(9, piece -> {
    });
    assertEquals(List.of(), tasks);
  }

  @Test
  void theFirstFailureIsThrownAndTheRestDropped() {
    AtomicInteger done = new AtomicInteger();
    RuntimeException failure = new IllegalArgumentException("piece 3");
    assertSame(failure, assertThrows(RuntimeException.class, () -> new Spread(task -> {
    }, 2).run(100, piece -> {
      done.incrementAndGet();
      if (piece == 3) {
        throw failure;
      }
    })));
    assertEquals(4, done.get());
    Error error = new AssertionError();
    assertSame(error, assertThrows(Error.class, () -> new Spread(THREADS, 2).run(2, piece -> {
      throw error;
    })));
  }

  @Test
  void theCallerWaitsForWhatHelpersHaveBegunAlsoWhenInterrupted() {
    CountDownLatch helping = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    Thread caller = Thread.currentThread();
    Spread spread = new Spread(task -> {
      Thread.ofPlatform().daemon().start(task);
      while (helping.getCount() > 0) { // not waiting, which the helper looks for
        Thread.onSpinWait();
      }
    }, 2);
    spread.run(2, piece -> {
      if (Thread.currentThread() != caller) {
        helping.countDown();
        while (caller.getState() == Thread.State.RUNNABLE) {
          Thread.onSpinWait();
        }
        caller.interrupt();
      }
      done.incrementAndGet();
    });
    assertEquals(2, done.get());
    assertTrue(Thread.interrupted());
  }
}
