package dev.octet.internal.parallel;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One call on its way: its tiles, and how the caller and any number of helpers share them. A job object
 * serves one call after the other, so that a run allocates nothing, and helpers may look at it at any time,
 * even long after the call that they were sent for has returned.
 *
 * <p>
 * Why a late helper never runs a tile of a finished call, nor reads its memory: {@code UNTAKEN} is the number
 * of tiles that nobody has taken, and the only way to a tile is to lower it by a compare-and-set from a
 * number above 0. Whoever succeeds has taken a tile of the call that is open at that instant, whichever call
 * it was sent for. From then on that call cannot end before this tile is reported in {@code DONE}, because
 * the caller returns only when its own tiles and the reported ones are all there are. So {@code work} and
 * {@code tiles}, which are read after the tile was taken, and which the caller writes only before it opens a
 * call and after the end of it, are those of the call that the tile belongs to. Nothing that was read before
 * a tile was taken is ever used, except the number itself, which the compare-and-set confirms: should it be
 * the same number in another call by then, the tile is one of that call, and as good.
 *
 * <p>
 * A helper counts from the moment it takes a tile, not from the moment it was called: one that is late, or
 * that the operating system stopped on its way, is not waited for, because those who are there take the
 * tiles. The wait at the end is for tiles in flight alone. Waits cannot form a circle: a caller waits for
 * tiles that were taken after its call began by threads that had nothing else to do then, so every wait is
 * for something younger.
 */
final class Job {
  // Indices of one array, two cache lines apart from each other and from other objects: callers look for a
  // free
  // job, helpers take tiles and the caller waits, each on a line of its own.
  private static final int OWNED = 32;
  private static final int UNTAKEN = 64;
  private static final int DONE = 96;
  private static final int LENGTH = 128;

  /** How long a caller spins for tiles in flight before it parks; most tiles are shorter. */
  private static final long SPIN_NANOS = 50_000;

  /**
   * A call that found no room for helpers calls them when it sees room after so many tiles in a row: callers
   * that run back to back are away for an instant, too.
   */
  private static final int ROOM_FOR_SURE = 2;

  private final AtomicIntegerArray state = new AtomicIntegerArray(LENGTH);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Caller caller;

  // Written by the owner, and only while no call is open.
  private Workers.Tiles work;
  private int tiles;

  /** The owner, when it is about to park. */
  private volatile Thread waiting;

  /** Calls helpers; they come to {@link #help}, or not, or late. */
  @FunctionalInterface
  interface Caller {
    /**
     * Calls helpers. Never by two threads at once for the same job.
     *
     * @param job where help is wanted
     * @param wanted how many can be of use, at least 1
     */
    void call(Job job, int wanted);

    /** Whether a helper has a processor to run on, as far as can be told; else none is called. */
    default boolean hasRoom() {
      return true;
    }
  }

  Job(Caller caller) {
    this.caller = caller;
  }

  /** Takes this job for a call; the one who gets true must {@link #run}, which gives it back. */
  boolean claim() {
    return state.get(OWNED) == 0 && state.compareAndSet(OWNED, 0, 1);
  }

  /** How many tiles there are to take, at this moment. */
  int untaken() {
    return state.get(UNTAKEN);
  }

  /**
   * Runs a call: takes tiles beside the helpers, waits for those that they have in flight, gives the job
   * back.
   *
   * @param count the number of tiles, at least 2
   * @param tileWork does one tile
   */
  void run(int count, Workers.Tiles tileWork) {
    work = tileWork;
    tiles = count;
    state.setPlain(DONE, 0);
    state.set(UNTAKEN, count);
    int mine = 0;
    int room = caller.hasRoom() ? ROOM_FOR_SURE : 0;
    if (room > 0) {
      mine = call(count - 1);
    }
    for (int tile = take(); tile >= 0; tile = take()) {
      mine += 1 + tile(tile);
      if (room < ROOM_FOR_SURE) {
        room = caller.hasRoom() ? room + 1 : 0;
        mine += room < ROOM_FOR_SURE ? 0 : call(untaken());
      }
    }
    await(count - mine);
    work = null;
    Throwable thrown = failure.getPlain();
    if (thrown != null) {
      failure.setPlain(null);
    }
    state.set(OWNED, 0);
    if (thrown != null) {
      throw Job.<RuntimeException>asIs(thrown);
    }
  }

  /** Calls helpers; returns how many tiles were dropped because that failed. */
  private int call(int wanted) {
    try {
      if (wanted > 0) {
        caller.call(this, wanted);
      }
      return 0;
    } catch (Throwable e) {
      return fail(e); // helpers may be at work already: not out of here before they have finished
    }
  }

  /**
   * Takes tiles until none is left; any thread, at any time.
   *
   * @param wanted asked before each tile
   * @return whether there was one
   */
  boolean help(BooleanSupplier wanted) {
    boolean helped = false;
    for (int tile = next(wanted); tile >= 0; tile = next(wanted)) {
      helped = true;
      state.getAndAdd(DONE, 1 + tile(tile));
      // From here on the call may be over and the job another caller's, who is then woken for nothing.
      Thread waiter = waiting;
      if (waiter != null) {
        LockSupport.unpark(waiter);
      }
    }
    return helped;
  }

  private int next(BooleanSupplier wanted) {
    return wanted.getAsBoolean() ? take() : -1;
  }

  /** Takes a tile, or returns -1. */
  private int take() {
    for (int untaken = state.get(UNTAKEN); untaken > 0; untaken = state.get(UNTAKEN)) {
      if (state.compareAndSet(UNTAKEN, untaken, untaken - 1)) {
        return tiles - untaken;
      }
    }
    return -1;
  }

  /** Does a tile that was taken; returns how many others were dropped because it failed. */
  private int tile(int tile) {
    try {
      work.run(tile);
      return 0;
    } catch (Throwable e) {
      return fail(e);
    }
  }

  /**
   * Keeps the first failure and drops the tiles that nobody has taken; returns how many. While a call is
   * open.
   */
  private int fail(Throwable e) {
    failure.compareAndSet(null, e);
    return state.getAndSet(UNTAKEN, 0);
  }

  /** Waits until helpers have reported so many tiles: spins, then parks, so that virtual threads give way. */
  private void await(int helped) {
    if (state.get(DONE) == helped) {
      return;
    }
    long start = System.nanoTime();
    for (int spins = 1; state.get(DONE) != helped; spins++) {
      Thread.onSpinWait();
      if ((spins & 31) == 0 && System.nanoTime() - start > SPIN_NANOS) {
        park(helped);
        return;
      }
    }
  }

  private void park(int helped) {
    boolean interrupted = false;
    // A helper reports and then looks for someone who waits; so whoever waits must say so and then look.
    waiting = Thread.currentThread();
    while (state.get(DONE) != helped) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted(); // or park would return at once for ever
    }
    waiting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a tile threw, checked or not, is thrown by run as it is. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException asIs(Throwable e) throws T {
    throw (T) e;
  }
}
