package dev.octet.onednn;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * What running calls of one op need for themselves (stream, memory objects, scratch), lent for the time of a
 * call. Not a ThreadLocal: virtual threads come by the thousand. Holds as many states as two calls for each
 * processor; what more there was for a while is closed when it comes back. Taking and giving back allocates
 * nothing and takes no lock.
 *
 * @param <S> the state
 */
final class StatePool<S extends Resource> implements Resource {
  /** From one slot to the next: a cache line of compressed references. */
  private static final int STRIDE = 16;

  private static final int SLOTS = Math.max(8,
      Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1) * 2);

  private final AtomicReferenceArray<S> slots = new AtomicReferenceArray<>(SLOTS * STRIDE);
  private final Supplier<S> maker;

  /**
   * An empty pool.
   *
   * @param maker makes a state when none is free
   */
  StatePool(Supplier<S> maker) {
    this.maker = maker;
  }

  /** How many states are kept at most. */
  static int capacity() {
    return SLOTS;
  }

  /** A state for the caller alone. */
  S take() {
    int first = firstSlot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i & SLOTS - 1) * STRIDE;
      S state = slots.get(slot);
      if (state != null && slots.compareAndSet(slot, state, null)) {
        return state;
      }
    }
    return maker.get();
  }

  /** Gives a state back. */
  void give(S state) {
    int first = firstSlot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i & SLOTS - 1) * STRIDE;
      if (slots.get(slot) == null && slots.compareAndSet(slot, null, state)) {
        return;
      }
    }
    state.close();
  }

  /** Closes the states; none may be lent, and none taken after. */
  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      S state = slots.getAndSet(i * STRIDE, null);
      if (state != null) {
        state.close();
      }
    }
  }

  /** A thread finds its own state again, warm in its caches. Fibonacci hashing spreads consecutive ids. */
  private static int firstSlot() {
    return (int) (Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L >>> 40) & SLOTS - 1;
  }
}
