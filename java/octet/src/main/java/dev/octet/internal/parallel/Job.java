package dev.octet.internal.parallel;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One call on its way: its tiles, and how the caller and any number of helpers share them. A job object serves
 * one call after the other, so that a run allocates nothing, and helpers may look at it at any time, even long
 * after the call that they were sent for has returned.
 *
 * <p>
 * Why a late helper never runs a tile of a finished call, nor reads its memory. All that a helper may take is
 * in one word, {@code CONTROL}: the number of the round (40 bits; a round is one filling of this job) above the
 * number of tiles that nobody has taken yet (24 bits). Within a round the word only falls, to 0 tiles, and the
 * next round has the next number: no value ever comes back before 2^40 rounds have passed, 30 hours of empty
 * calls, for all of which the helper would have to be stopped between two instructions.
 * <ol>
 * <li>A helper reads the word, then {@code work}, then takes a tile by a compare-and-set of the word. If that
 * succeeds the word was the same all along, so the round is that of the first read and it has a tile left.
 * <li>The caller writes {@code work} only while the word says 0 tiles: before it opens a round, and when all
 * tiles of the round are finished. A write before the round was opened happens-before the helper's first read,
 * which saw the round open. A write after the round happens-after the compare-and-set, which precedes the end
 * of its tile. So {@code work} read in between is that of the round, and if it was another one the
 * compare-and-set fails and it is not used.
 * <li>Who has taken a tile reports it in {@code DONE} when it is finished, and the caller does not return, nor
 * end the round, before the reported tiles and its own are all there are.
 * </ol>
 *
 * <p>
 * A helper counts from the moment it takes a tile, not from the moment it was called: one that is late, or that
 * the operating system stopped on its way, is not waited for, because those who are there take the tiles. The
 * wait at the end is for tiles in flight alone. Waits cannot form a circle: a caller waits for tiles that were
 * taken after its call began by threads that had nothing else to do then, so every wait is for something
 * younger.
 */
final class Job {
  /** The most tiles of one round; a call with more takes several rounds. */
  static final int MAX_TILES = (1 << 24) - 1;

  private static final int TILE_BITS = 24;

  // Words of one array, two cache lines apart from each other and from other objects: callers look for a free
  // job, helpers take tiles and the caller waits, each on a line of its own.
  private static final int OWNED = 16;
  private static final int CONTROL = 32;
  private static final int DONE = 48;
  private static final int WORDS = 64;

  /** How long a caller spins for tiles in flight before it parks; most tiles are shorter. */
  private static final long SPIN_NANOS = 50_000;

  private final AtomicLongArray words = new AtomicLongArray(WORDS);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Written by the caller only, and only while no tile can be taken; see the class comment. */
  private Workers.Tiles work;
  private int first;
  private int count;

  /** The caller, when it is about to park. */
  private volatile Thread waiting;

  private final Caller caller;

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
  }

  Job(Caller caller) {
    this.caller = caller;
  }

  /** Takes this job for a call; the one who gets true must {@link #run}, which gives it back. */
  boolean claim() {
    return words.get(OWNED) == 0 && words.compareAndSet(OWNED, 0, 1);
  }

  /** Whether there is a tile to take, at this moment. */
  boolean isOpen() {
    return untaken(words.get(CONTROL)) != 0;
  }

  /** How many tiles there are to take, at this moment. */
  int untaken() {
    return untaken(words.get(CONTROL));
  }

  /**
   * Runs a call: takes tiles beside the helpers, waits for those that they have in flight, gives the job back.
   *
   * @param tiles the number of tiles
   * @param tileWork does one tile
   */
  void run(int tiles, Workers.Tiles tileWork) {
    work = tileWork;
    int begin = 0;
    do {
      begin += round(begin, Math.min(tiles - begin, MAX_TILES));
    } while (begin < tiles && failure.get() == null);
    Throwable thrown = failure.get();
    if (thrown != null) {
      failure.set(null);
    }
    work = null;
    words.set(OWNED, 0);
    if (thrown != null) {
      throw Job.<RuntimeException>asIs(thrown);
    }
  }

  private int round(int begin, int tiles) {
    first = begin;
    count = tiles;
    words.setPlain(DONE, 0);
    words.set(CONTROL, (((words.getPlain(CONTROL) >>> TILE_BITS) + 1) << TILE_BITS) | tiles);
    int mine = 0;
    try {
      if (tiles > 1) {
        caller.call(this, tiles - 1);
      }
    } catch (Throwable e) {
      // Helpers may be at work already: not out of here before they have finished.
      mine += fail(e);
    }
    for (long control = words.get(CONTROL); untaken(control) != 0; control = words.get(CONTROL)) {
      if (words.compareAndSet(CONTROL, control, control - 1)) {
        mine += 1 + tile(work, begin + tiles - untaken(control));
      }
    }
    await(tiles - mine);
    return tiles;
  }

  /**
   * Takes tiles until none is left; any thread, at any time.
   *
   * @return whether there was one
   */
  boolean help() {
    boolean helped = false;
    for (long control = words.get(CONTROL); untaken(control) != 0; control = words.get(CONTROL)) {
      Workers.Tiles theWork = work;
      int end = first + count;
      if (words.compareAndSet(CONTROL, control, control - 1)) {
        helped = true;
        int finished = 1 + tile(theWork, end - untaken(control));
        words.getAndAdd(DONE, finished);
        // From here on the call may be over and the job another caller's, who is then woken for nothing.
        Thread waiter = waiting;
        if (waiter != null) {
          LockSupport.unpark(waiter);
        }
      }
    }
    return helped;
  }

  /** Does a tile; returns how many others were dropped because it failed. */
  private int tile(Workers.Tiles theWork, int tile) {
    try {
      theWork.run(tile);
      return 0;
    } catch (Throwable e) {
      return fail(e);
    }
  }

  /**
   * Keeps the first failure and drops the tiles that nobody has taken. Called by someone who has a tile in
   * flight, or by the caller: the round is still the same.
   *
   * @return how many were dropped
   */
  private int fail(Throwable e) {
    failure.compareAndSet(null, e);
    for (;;) {
      long control = words.get(CONTROL);
      int dropped = untaken(control);
      if (dropped == 0 || words.compareAndSet(CONTROL, control, control - dropped)) {
        return dropped;
      }
    }
  }

  /** Waits until helpers have reported so many tiles: spins, then parks, so that virtual threads give way. */
  private void await(int helped) {
    if (words.get(DONE) == helped) {
      return;
    }
    long start = System.nanoTime();
    for (int spins = 1; words.get(DONE) != helped; spins++) {
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
    while (words.get(DONE) != helped) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted(); // or park would return at once for ever
    }
    waiting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static int untaken(long control) {
    return (int) control & MAX_TILES;
  }

  /** What a tile threw, checked or not, is thrown by run as it is. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException asIs(Throwable e) throws T {
    throw (T) e;
  }
}
