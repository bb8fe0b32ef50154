package dev.octet.internal.parallel;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * State that one running call needs for itself (scratch, argument blocks), kept for the next call. Bounded:
 * what finds no free slot goes to the garbage collector. Not thread-local, because virtual threads come by
 * the thousand; a call looks first into a slot chosen by its thread, so that callers seldom meet.
 *
 * @param <T> the state
 */
public final class Pool<T> {
  private static final int SLOTS = Math.min(64,
      Integer.highestOneBit(Math.max(1, Runtime.getRuntime().availableProcessors())) * 4);

  private final Supplier<T> make;
  private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>(SLOTS);

  /**
   * An empty pool.
   *
   * @param make makes a state where no spare one is found
   */
  public Pool(Supplier<T> make) {
    this.make = make;
  }

  /** A state that nobody else uses until it is given back. */
  public T take() {
    int first = slot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i) & (SLOTS - 1);
      if (slots.getPlain(slot) != null) {
        T spare = slots.getAndSet(slot, null);
        if (spare != null) {
          return spare;
        }
      }
    }
    return make.get();
  }

  /** Gives a state back; the caller touches it no more. */
  public void give(T state) {
    int first = slot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i) & (SLOTS - 1);
      if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, state)) {
        return;
      }
    }
  }

  private static int slot() {
    // Fibonacci hashing: consecutive thread ids spread over the slots.
    long hash = Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 40) & (SLOTS - 1);
  }
}
