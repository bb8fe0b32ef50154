package dev.octet.internal.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all workers promise, whatever threads they have. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
abstract class WorkersContract {
  private final List<Workers> opened = new ArrayList<>();

  /** Workers of the kind under test. */
  abstract Workers create(int threads);

  final Workers open(int threads) {
    Workers workers = create(threads);
    opened.add(workers);
    return workers;
  }

  @AfterEach
  void closeAll() {
    opened.forEach(Workers::close);
  }

  /** A call whose tiles are counted, and which no tile may enter once it is over. */
  static class Call implements Workers.Tiles {
    private final AtomicIntegerArray counts;
    private volatile boolean over;
    private final AtomicBoolean late = new AtomicBoolean();

    Call(int tiles) {
      this.counts = new AtomicIntegerArray(tiles);
    }

    @Override
    public void run(int tile) {
      if (over) {
        late.set(true);
      }
      counts.incrementAndGet(tile);
      if (over) {
        late.set(true);
      }
    }

    /** Runs, and says what went wrong, or null. */
    String on(Workers workers) {
      workers.run(counts.length(), this);
      over = true;
      for (int tile = 0; tile < counts.length(); tile++) {
        if (counts.get(tile) != 1) {
          return "tile " + tile + " of " + counts.length() + " ran " + counts.get(tile) + " times";
        }
      }
      return late() ? "a tile ran after the call was over" : null;
    }

    boolean late() {
      return late.get();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void everyTileRunsOnce(int threads) {
    Workers workers = open(threads);
    assertEquals(threads, workers.threads());
    for (int tiles : new int[]{0, 1, 2, 3, 7, 8, 9, 64, 1000}) {
      for (int repeat = 0; repeat < 50; repeat++) {
        assertEquals(null, new Call(tiles).on(workers));
      }
    }
  }

  /** Many more callers than jobs and threads; any call that a late helper strays into is seen. */
  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void sixteenCallersAtOnce(int threads) throws InterruptedException {
    Workers workers = open(threads);
    manyCallers(16, 3000, workers, Thread.ofPlatform().factory());
  }

  @Test
  void virtualThreadsCall() throws InterruptedException {
    Workers workers = open(4);
    manyCallers(200, 100, workers, Thread.ofVirtual().factory());
  }

  private static void manyCallers(int callers, int runs, Workers workers, ThreadFactory factory)
      throws InterruptedException {
    CountDownLatch start = new CountDownLatch(1);
    AtomicReference<String> wrong = new AtomicReference<>();
    List<Thread> threads = IntStream.range(0, callers).mapToObj(caller -> factory.newThread(() -> {
      List<Call> calls = new ArrayList<>();
      try {
        start.await();
        for (int run = 0; run < runs && wrong.get() == null; run++) {
          Call call = new Call(2 + (caller + run) % 6);
          String problem = call.on(workers);
          if (problem != null) {
            wrong.set("caller " + caller + ", run " + run + ": " + problem);
          }
          calls.add(call);
        }
      } catch (Throwable e) {
        wrong.set(e.toString());
      }
      if (calls.stream().anyMatch(Call::late)) {
        wrong.set("a tile ran after its call was over");
      }
    })).toList();
    threads.forEach(Thread::start);
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(null, wrong.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void nestedRunsDoNotDeadlock(int threads) {
    Workers workers = open(threads);
    for (int repeat = 0; repeat < 200; repeat++) {
      AtomicIntegerArray counts = new AtomicIntegerArray(5 * 4 * 3);
      workers.run(5,
          a -> workers.run(4, b -> workers.run(3, c -> counts.incrementAndGet((a * 4 + b) * 3 + c))));
      for (int i = 0; i < counts.length(); i++) {
        assertEquals(1, counts.get(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void anExceptionOfATileIsThrownAfterTheTilesInFlight(int threads) {
    Workers workers = open(threads);
    for (int repeat = 0; repeat < 300; repeat++) {
      int failing = repeat % 6;
      RuntimeException exception = new RuntimeException("tile " + failing);
      AtomicInteger running = new AtomicInteger();
      AtomicInteger begun = new AtomicInteger();
      RuntimeException thrown = assertThrows(RuntimeException.class, () -> workers.run(6, tile -> {
        running.incrementAndGet();
        begun.incrementAndGet();
        try {
          if (tile == failing) {
            throw exception;
          }
          Thread.onSpinWait();
        } finally {
          running.decrementAndGet();
        }
      }));
      int after = begun.get();
      assertSame(exception, thrown);
      assertEquals(0, running.get(), "a tile was in flight when run threw");
      assertEquals(null, new Call(6).on(workers), "workers are usable after a failure");
      assertEquals(after, begun.get(), "a tile began after run threw");
    }
  }

  @Test
  void tilesThatNobodyHasBegunAreDroppedAfterAFailure() {
    Workers workers = open(2);
    AtomicInteger begun = new AtomicInteger();
    assertThrows(IllegalStateException.class, () -> workers.run(1_000_000, tile -> {
      begun.incrementAndGet();
      throw new IllegalStateException();
    }));
    assertTrue(begun.get() <= 2, () -> begun.get() + " tiles began, on two threads that each fail at once");
  }

  @Test
  void errorsAndCheckedExceptionsAreThrownAsTheyAre() {
    Workers workers = open(2);
    assertThrows(StackOverflowError.class, () -> workers.run(4, tile -> {
      throw new StackOverflowError();
    }));
    assertThrows(IOException.class, () -> workers.run(4, tile -> sneak(new IOException())));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable e) throws T {
    throw (T) e;
  }

  @Test
  void anInterruptedCallerGetsItsResultAndStaysInterrupted() {
    Workers workers = open(4);
    Thread caller = Thread.currentThread();
    for (int repeat = 0; repeat < 20; repeat++) {
      Call call = new Call(8) {
        @Override
        public void run(int tile) {
          // On other threads it takes so long that the caller has to wait and parks.
          long end = System.nanoTime() + (Thread.currentThread() == caller ? 0 : 2_000_000);
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          super.run(tile);
        }
      };
      caller.interrupt();
      String wrong = call.on(workers);
      assertTrue(Thread.interrupted(), "the interrupt was lost");
      assertEquals(null, wrong);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void closeDuringRunsAndRunsAfterClose(int threads) throws InterruptedException {
    for (int repeat = 0; repeat < 20; repeat++) {
      Workers workers = open(threads);
      String[] wrong = new String[4];
      CountDownLatch running = new CountDownLatch(wrong.length);
      Thread[] callers = new Thread[wrong.length];
      for (int caller = 0; caller < callers.length; caller++) {
        int index = caller;
        callers[caller] = new Thread(() -> {
          for (int run = 0; run < 300 && wrong[index] == null; run++) {
            wrong[index] = new Call(5).on(workers);
            if (run == 20) {
              running.countDown();
            }
          }
        });
        callers[caller].start();
      }
      running.await();
      workers.close();
      workers.close();
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals("[null, null, null, null]", Arrays.toString(wrong));
      Thread self = Thread.currentThread();
      workers.run(9, tile -> assertSame(self, Thread.currentThread()));
    }
  }
}
