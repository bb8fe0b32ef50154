package dev.octet.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What a benchmark of one caller on a quiet machine does not show: many callers of one prepared op at once,
 * and a call that shares its work with threads while another thread keeps a processor busy.
 */
final class Crowd {
  /** The waits of a caller. */
  record Waits(double medianMicros, double p99Micros) {}

  private static final int MAX_CALLS = 1 << 20;

  private final int windows;
  private final int windowMillis;

  /**
   * With an effort.
   *
   * @param windows the number of measurements that the median is taken of, after a warm-up as long as all of
   *        them
   * @param windowMillis the length of each
   */
  Crowd(int windows, int windowMillis) {
    this.windows = windows;
    this.windowMillis = windowMillis;
  }

  /**
   * Lets callers run at once, each on a thread of its own.
   *
   * @param callers what each does over and over
   * @return microseconds of wall time for each run, whoever made it
   */
  double microsPerRun(List<Runnable> callers) {
    LongAdder runs = new LongAdder();
    double[] micros = new double[windows];
    try (Threads threads = new Threads()) {
      for (Runnable caller : callers) {
        threads.repeat(() -> {
          caller.run();
          runs.increment();
        });
      }
      for (int i = 0; i < windows; i++) {
        pause();
      }
      for (int i = 0; i < windows; i++) {
        long before = runs.sum();
        long start = System.nanoTime();
        pause();
        long time = System.nanoTime() - start;
        micros[i] = time * 1e-3 / Math.max(1, runs.sum() - before);
      }
    }
    Arrays.sort(micros);
    return micros[windows / 2];
  }

  /**
   * Times each call of one caller.
   *
   * @param caller the call
   * @param busy whether another thread computes all the while
   */
  Waits waits(Runnable caller, boolean busy) {
    LongAdder spins = new LongAdder();
    try (Threads threads = new Threads()) {
      if (busy) {
        threads.repeat(spins::increment);
      }
      long[] nanos = new long[MAX_CALLS];
      time(caller, nanos, windows);
      int calls = time(caller, nanos, windows);
      Arrays.sort(nanos, 0, calls);
      return new Waits(nanos[calls / 2] * 1e-3, nanos[(int) (calls * 0.99)] * 1e-3);
    }
  }

  private int time(Runnable caller, long[] nanos, int count) {
    long end = System.nanoTime() + 1_000_000L * windowMillis * count;
    int calls = 0;
    for (long start = System.nanoTime(); start < end && calls < nanos.length; calls++) {
      caller.run();
      long now = System.nanoTime();
      nanos[calls] = now - start;
      start = now;
    }
    return calls;
  }

  private void pause() {
    long end = System.nanoTime() + 1_000_000L * windowMillis;
    for (long left; (left = end - System.nanoTime()) > 0;) {
      LockSupport.parkNanos(left);
    }
  }

  /** Threads that do something over and over; closing fails with what one of them failed with. */
  private static final class Threads implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private volatile Throwable failure;

    void repeat(Runnable work) {
      threads.add(Thread.ofPlatform().daemon().name("crowd-" + threads.size()).start(() -> {
        try {
          while (!stopped) {
            work.run();
          }
        } catch (RuntimeException | Error e) {
          failure = e;
        }
      }));
    }

    @Override
    public void close() {
      stopped = true;
      try {
        for (Thread thread : threads) {
          thread.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (failure != null) {
        throw new IllegalStateException("a caller failed", failure);
      }
    }
  }
}
