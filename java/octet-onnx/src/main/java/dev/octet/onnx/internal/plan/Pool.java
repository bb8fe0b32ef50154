package dev.octet.onnx.internal.plan;

import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * Objects that one run at a time uses and that are kept for later runs, as long as so many are used at once.
 * To take one and give it back allocates nothing. Safe for use by threads.
 */
public final class Pool<T> {
  /** So many are kept; more runs at once make their own. */
  private static final int KEPT = 16;

  /** What so many takes in a row have left lying is let go: a burst of runs may have had much memory. */
  static final int PATIENCE = 1000;

  private final ArrayDeque<T> free = new ArrayDeque<>(KEPT);
  private final Supplier<T> maker;
  private int takes;
  /** So many were free all the time since takes are counted. */
  private int idle;

  /**
   * A pool.
   *
   * @param maker makes an object where none is free
   */
  public Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  /** Takes the object that was given back last, or makes one. */
  public T take() {
    T kept;
    synchronized (free) {
      kept = free.pollLast();
      idle = Math.min(idle, free.size());
      if (++takes >= PATIENCE) {
        for (; idle > 0; idle--) {
          free.removeFirst();
        }
        takes = 0;
        idle = free.size();
      }
    }
    return kept == null ? maker.get() : kept;
  }

  /** Gives one back. */
  public void give(T used) {
    synchronized (free) {
      if (free.size() < KEPT) {
        free.addLast(used);
      }
    }
  }
}
