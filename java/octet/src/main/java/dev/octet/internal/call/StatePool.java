package dev.octet.internal.call;

import dev.octet.internal.ffm.Resource;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;

/**
 * What running calls of one op need for themselves (arguments, memory objects, scratch), lent for the time of
 * a call. Not a ThreadLocal: virtual threads come by the thousand. Holds as many states as two calls for each
 * processor; what more there is for a while is closed when it comes back. Taking and giving back allocates
 * nothing and takes no lock: one compare-and-set to take, one store to give. Any number of threads.
 *
 * @param <S> the state
 */
public final class StatePool<S extends StatePool.State> implements Resource {
  /** From one flag to the next: a cache line. */
  private static final int STRIDE = 16;

  private static final int SLOTS = Math.max(8,
      Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1) * 2);

  /** A state; it knows its slot, so that giving it back needs no search. */
  public abstract static class State implements Resource {
    private static final int NO_SLOT = -1;

    private int slot = NO_SLOT;

    /** Forgets what belongs to the caller; called whenever the state is given back. */
    protected void clear() {}

    /** Frees what is not the garbage collector's. */
    @Override
    public void close() {}
  }

  /** 1: the state of the slot is lent. Whoever set it owns the slot. */
  private final AtomicIntegerArray lent = new AtomicIntegerArray(SLOTS * STRIDE);
  /** Each made when its slot is first taken. */
  private final State[] states = new State[SLOTS];
  private final Supplier<S> maker;

  /**
   * An empty pool.
   *
   * @param maker makes a state when none is free
   */
  public StatePool(Supplier<S> maker) {
    this.maker = maker;
  }

  /** How many states are kept at most. */
  public static int capacity() {
    return SLOTS;
  }

  /** A state for the caller alone. */
  public S take() {
    int first = firstSlot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i) & (SLOTS - 1);
      if (lent.getPlain(slot * STRIDE) == 0 && lent.compareAndSet(slot * STRIDE, 0, 1)) {
        return stateOf(slot);
      }
    }
    return maker.get();
  }

  @SuppressWarnings("unchecked") // only stateOf writes into the array
  private S stateOf(int slot) {
    S state = (S) states[slot];
    if (state == null) {
      try {
        state = maker.get();
      } catch (RuntimeException | Error e) {
        lent.setRelease(slot * STRIDE, 0);
        throw e;
      }
      ((State) state).slot = slot;
      states[slot] = state;
    }
    return state;
  }

  /** Clears a state and takes it back. */
  public void give(S state) {
    int slot = ((State) state).slot;
    state.clear();
    if (slot == State.NO_SLOT) {
      state.close();
    } else {
      lent.setRelease(slot * STRIDE, 0);
    }
  }

  /** Closes the states; none may be lent, and none taken after. */
  @Override
  public void close() {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (states[slot] != null) {
        states[slot].close();
        states[slot] = null;
      }
    }
  }

  /** A thread finds its own state again, warm in its caches. Fibonacci hashing spreads consecutive ids. */
  private static int firstSlot() {
    long hash = Thread.currentThread().threadId() * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 40) & (SLOTS - 1);
  }
}
