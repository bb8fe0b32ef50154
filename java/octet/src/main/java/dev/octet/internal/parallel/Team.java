package dev.octet.internal.parallel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Threads of an Octet's own that help its callers: daemons, started by the first call that has something to
 * share, named {@code octet-1-worker-1} and so on. How a call and its helpers share tiles is told in
 * {@link Job}; this is about when a helper is awake.
 *
 * <p>
 * Waking a parked thread takes 39 to 67 us, longer than most calls. A helper therefore looks for work for
 * {@value #SPIN_NANOS} ns after its last tile before it parks, so that calls back to back find it awake.
 * Where there are more threads than processors it parks at once: the processor that it would spin on is
 * another thread's.
 *
 * <p>
 * Callers at the same time need no help: each helper stands back for one caller more than the first, and
 * comes again when that one has gone. A helper beside as many callers as there are processors would take one
 * of these from its caller, who then waits for it: two callers of 180 us reached 1240 GOPS together, and 1550
 * without (Zen 5, 2 cores). A thread that makes one call after the other in a sequence is a caller in between
 * too: helpers that come for an instant cost two threads that run MiniLM a sixth of their speed (Zen 4).
 */
public final class Team implements Workers {
  private static final AtomicInteger TEAMS = new AtomicInteger();
  private static final long SPIN_NANOS = 75_000;

  /**
   * The most helpers that one thread wakes for a call. An unpark costs the one who calls it 5 to 10 us; the
   * woken wake others.
   */
  private static final int WAKES = 4;

  // What a helper does. Only the helper itself leaves IDLE and BUSY; whoever turns PARKED into IDLE wakes it.
  private static final int IDLE = 0;
  private static final int BUSY = 1;
  private static final int PARKED = 2;

  /** Ints from one state to the next: two cache lines. */
  private static final int STRIDE = 32;

  /** Where the number of callers stands, not beside the array's length; the states of helpers follow. */
  private static final int CALLERS = STRIDE;
  /** Where the number of sequences stands, on the same line: who reads one reads both. */
  private static final int SEQUENCES = CALLERS + 1;

  private static final Helper[] NONE = {};

  private final int threads;
  private final int number = TEAMS.incrementAndGet();
  /** How many threads, callers and helpers, work at the same time. */
  private final int seats;
  private final long spinNanos;
  private final Jobs jobs;
  private final AtomicIntegerArray states;
  /** Sequences of a thread that lie within each other. */
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);
  private final AtomicInteger parked = new AtomicInteger();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile Helper[] helpers = NONE;
  private volatile boolean closed;

  /**
   * A team; no thread is started yet.
   *
   * @param threads how many share a call, the caller included; at least 2
   */
  public Team(int threads) {
    if (threads < 2) {
      throw new IllegalArgumentException("threads: expected >= 2, got " + threads);
    }
    this.threads = threads;
    int processors = Runtime.getRuntime().availableProcessors();
    this.seats = Math.max(threads, processors);
    this.spinNanos = threads <= processors ? SPIN_NANOS : 0;
    Job.Caller caller = new Calls();
    this.jobs = new Jobs(threads, () -> caller);
    this.states = new AtomicIntegerArray((threads + 2) * STRIDE);
  }

  @Override
  public int threads() {
    return threads;
  }

  /**
   * {@inheritDoc} A call from inside a tile that a helper does runs on that helper alone: the others have
   * work as it is.
   */
  @Override
  public void run(int tiles, Tiles work) {
    if (tiles < 2 || closed || Thread.currentThread() instanceof Helper) {
      CallerOnly.runAll(tiles, work);
      return;
    }
    states.getAndIncrement(CALLERS);
    try {
      Job job = jobs.claim();
      if (job == null) {
        CallerOnly.runAll(tiles, work);
      } else {
        job.run(tiles, work);
      }
    } finally {
      states.getAndDecrement(CALLERS);
    }
  }

  @Override
  public void beginSequence() {
    if (depth.get()[0]++ == 0) {
      states.getAndIncrement(SEQUENCES);
    }
  }

  @Override
  public void endSequence() {
    int[] mine = depth.get();
    if (mine[0] == 0) {
      throw new IllegalStateException("endSequence: this thread began no sequence");
    }
    if (--mine[0] == 0) {
      states.getAndDecrement(SEQUENCES);
    }
  }

  /** Stops the threads, each after the tiles of the call that it is in; does not wait for that. */
  @Override
  public void close() {
    closed = true;
    for (Helper helper : helpers) {
      LockSupport.unpark(helper);
    }
  }

  /** How many helpers have a seat. */
  private int seated() {
    return seats - Math.max(states.get(CALLERS), states.get(SEQUENCES));
  }

  /** What jobs ask of the team. */
  private final class Calls implements Job.Caller {
    @Override
    public boolean hasRoom() {
      return seated() > 0;
    }

    @Override
    public void call(Job job, int wanted) {
      if (!started.getPlain() && started.compareAndSet(false, true)) {
        start();
      }
      wake(wanted);
    }
  }

  private void start() {
    Helper[] all = new Helper[threads - 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = new Helper(i);
    }
    helpers = all; // before they run: close() must find all that have not seen it
    for (Helper helper : all) {
      try {
        helper.start();
      } catch (OutOfMemoryError e) {
        // The system has no more threads to give, as the JVM has logged: never idle, so never counted upon.
        states.set(helper.state, BUSY);
      }
    }
  }

  /** Sees to it that so many helpers are awake and idle, by waking some if need be. */
  private void wake(int wanted) {
    if (parked.get() == 0) {
      return; // as always when calls come back to back
    }
    int missing = wanted;
    int wakes = WAKES;
    Helper[] all = helpers;
    int count = Math.min(all.length, seated());
    for (int i = 0; i < count && missing > 0 && wakes > 0; i++) {
      int state = states.get(all[i].state);
      if (state == IDLE) {
        missing--;
      } else if (state == PARKED && states.compareAndSet(all[i].state, PARKED, IDLE)) {
        parked.decrementAndGet();
        LockSupport.unpark(all[i]);
        missing--;
        wakes--;
      }
    }
  }

  /** One of the threads. */
  private final class Helper extends Thread {
    /** Where its state is. */
    private final int state;
    private final BooleanSupplier seated;
    /** Where it looks for work first: not where the others do, nor where it was last. */
    private int next;

    Helper(int index) {
      // Nothing of the caller that happens to be the first: neither thread locals nor class loader.
      super(null, null, "octet-" + number + "-worker-" + (index + 1), 0, false);
      this.state = CALLERS + (index + 1) * STRIDE;
      this.seated = () -> index < seated();
      this.next = index;
      setDaemon(true);
    }

    @Override
    public void run() {
      long idleSince = 0;
      for (int looks = 0; !closed; looks++) {
        if (help(false)) {
          looks = 0;
        } else if ((looks & 31) == 31) {
          // Read now and then: the clock takes longer than a look.
          long now = System.nanoTime();
          if (looks == 31) {
            idleSince = now;
          } else if (now - idleSince >= spinNanos || !seated.getAsBoolean()) {
            park();
            looks = 0;
          }
        }
        Thread.onSpinWait();
      }
    }

    private boolean help(boolean woken) {
      if (!seated.getAsBoolean()) {
        return false;
      }
      for (int i = 0; i < jobs.count(); i++) {
        Job job = jobs.get(next + i);
        if (job.untaken() > 0) {
          states.setRelease(state, BUSY);
          next += i + 1;
          if (woken) {
            wake(job.untaken() - 1);
          }
          job.help(seated);
          states.setRelease(state, IDLE);
          return true;
        }
      }
      return false;
    }

    private void park() {
      // A caller opens a job and then looks for someone parked; so whoever parks must say so and then look.
      // A helper without a seat is not counted upon: it is called when it has one.
      parked.incrementAndGet();
      states.set(state, PARKED);
      if (!closed && !(seated.getAsBoolean() && anyOpen())) {
        while (states.get(state) == PARKED && !closed) {
          LockSupport.park(Team.this);
          interrupted(); // or park would return at once for ever
        }
      }
      if (states.compareAndSet(state, PARKED, IDLE)) {
        parked.decrementAndGet();
      } else {
        help(true);
      }
    }

    private boolean anyOpen() {
      for (int i = 0; i < jobs.count(); i++) {
        if (jobs.get(i).untaken() > 0) {
          return true;
        }
      }
      return false;
    }
  }
}
