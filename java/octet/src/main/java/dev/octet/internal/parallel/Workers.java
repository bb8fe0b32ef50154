package dev.octet.internal.parallel;

/** Runs the tiles of one call over threads; the calling thread works too. Safe for any number of callers. */
public interface Workers extends AutoCloseable {
  /** The work of a call, cut into tiles that are independent of each other. */
  @FunctionalInterface
  interface Tiles {
    /**
     * Does one tile.
     *
     * @param tile 0 to tiles - 1
     */
    void run(int tile);
  }

  /** How many threads share a call, the caller included. */
  int threads();

  /**
   * Runs every tile once and returns when all are done; nothing touches the caller's memory after. The first
   * exception of a tile is thrown after the other tiles in flight have ended; tiles not begun by then are
   * dropped.
   *
   * @param tiles the number of tiles
   * @param work does one tile; called by several threads at once
   */
  void run(int tiles, Tiles work);

  /** Begins a sequence of calls of one thread, which counts as a caller between them too. */
  default void beginSequence() {}

  /**
   * Ends a sequence.
   *
   * @throws IllegalStateException if this thread began none
   */
  default void endSequence() {}

  /** Stops the threads; calls after that run on the caller alone. */
  @Override
  void close();
}
