package dev.octet.langchain4j;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Spreads pieces of work over threads: the caller, and helpers from an executor. The caller waits for pieces
 * that helpers have begun, never for helpers to come, so an executor that is busy, full or closed costs speed
 * at most.
 */
final class Spread {
  private final Executor executor;
  private final int threads;

  /**
   * Over threads.
   *
   * @param executor runs the helpers
   * @param threads how many work on one call, the caller included
   */
  Spread(Executor executor, int threads) {
    this.executor = executor;
    this.threads = threads;
  }

  /**
   * Does pieces 0 to count - 1, in about this order, and returns when all are done.
   *
   * @param count how many
   * @param work does one of them; when one throws, those that are not begun are dropped and the first
   *        exception is thrown
   */
  void run(int count, IntConsumer work) {
    Call call = new Call(count, work);
    try {
      for (int helper = 1; helper < Math.min(threads, count); helper++) {
        executor.execute(call);
      }
    } catch (RejectedExecutionException e) {
      // the caller does it alone
    }
    call.run();
    call.await();
  }

  /** The pieces of one call. */
  private static final class Call implements Runnable {
    private final int count;
    private final IntConsumer work;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch left;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Call(int count, IntConsumer work) {
      this.count = count;
      this.work = work;
      this.left = new CountDownLatch(count);
    }

    @Override
    public void run() {
      for (int piece = next.getAndIncrement(); piece < count; piece = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            work.accept(piece);
          }
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    }

    void await() {
      boolean interrupted = false;
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true; // what helpers have begun uses the memory of the call
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      switch (failure.get()) {
        case null -> {
        }
        case Error e -> throw e;
        case RuntimeException e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }
}
