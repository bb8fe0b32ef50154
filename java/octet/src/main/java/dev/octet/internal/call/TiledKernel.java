package dev.octet.internal.call;

import dev.octet.internal.ffm.Resource;
import dev.octet.internal.parallel.Workers;

/**
 * A kernel whose calls are cut into tiles: what a running call goes through, written once. A call takes an
 * argument object from a pool, fills it in, is cut, and runs its tiles on the calling thread or shared with
 * others; each thread that does tiles has a state of its own from a second pool. When it is over, also by an
 * exception, everything that belongs to the caller is forgotten. Nothing is allocated per call.
 *
 * <pre>{@code
 * C call = begin();
 * try {
 *   call.src.set(src, 1);
 *   run(call, tiles);
 * } finally {
 *   end(call);
 * }
 * }</pre>
 *
 * @param <C> the arguments of a call
 * @param <S> what a running tile has for itself
 */
public abstract class TiledKernel<C extends Call, S extends StatePool.State> implements Resource {
  private final Workers workers;
  private final StatePool<C> calls;
  private final StatePool<S> states;
  private final boolean ownsStates;

  /**
   * Makes a kernel with states of its own, which {@link #newState} makes.
   *
   * @param workers the threads that share a call
   */
  protected TiledKernel(Workers workers) {
    this(workers, null);
  }

  /**
   * Makes a kernel with states that several kernels share.
   *
   * @param workers the threads that share a call
   * @param shared closed by whoever made it; null: states of its own
   */
  @SuppressWarnings("this-escape") // pools make nothing before a call begins
  protected TiledKernel(Workers workers, StatePool<S> shared) {
    this.workers = workers;
    this.calls = new StatePool<>(this::newCall);
    this.states = shared == null ? new StatePool<>(this::newState) : shared;
    this.ownsStates = shared == null;
  }

  /** Makes an argument object; called when a call begins and none is free. */
  protected abstract C newCall();

  /** Makes a state for tiles; called when a tile begins and none is free. */
  protected S newState() {
    throw new AssertionError("this kernel shares the states of others");
  }

  /**
   * Does a tile.
   *
   * @param call its call
   * @param state for this tile alone; holds what the last one left
   * @param number 0 to the number of tiles - 1
   */
  protected abstract void tile(C call, S state, int number);

  /** Returns how many threads share a call, the caller's included. */
  protected final int threads() {
    return workers.threads();
  }

  /** Returns how many threads may share a call whose operands are set: 1 where others cannot reach them. */
  protected final int threads(C call) {
    return threads() > 1 && call.isShareable() ? threads() : 1;
  }

  /** Returns the arguments of a new call, to be filled in; {@link #end} must follow. */
  protected final C begin() {
    return calls.take();
  }

  /**
   * Runs the tiles of a call and returns when all are done.
   *
   * @param call operands set
   * @param tiles 0 or more
   */
  protected final void run(C call, int tiles) {
    if (tiles > 1 && threads(call) > 1) {
      call.of(this);
      call.lend();
      workers.run(tiles, call);
    } else if (tiles > 0) {
      S state = states.take();
      try {
        for (int number = 0; number < tiles; number++) {
          tile(call, state, number);
        }
      } finally {
        states.give(state);
      }
    }
  }

  /** Forgets a call. */
  protected final void end(C call) {
    calls.give(call);
  }

  /** Does a tile of a shared call. */
  @SuppressWarnings("unchecked") // run() has made this kernel the owner of the call
  final void tileOf(Call call, int number) {
    S state = states.take();
    try {
      tile((C) call, state, number);
    } finally {
      states.give(state);
    }
  }

  /** Returns a state, for a call that needs no tiles; {@link #give} must follow. */
  protected final S take() {
    return states.take();
  }

  /** Takes a state back. */
  protected final void give(S state) {
    states.give(state);
  }

  /** Frees what calls had for themselves; none may be running. */
  @Override
  public void close() {
    calls.close();
    if (ownsStates) {
      states.close();
    }
  }
}
