package dev.octet.internal.parallel;

/** One thread: the caller. */
public final class CallerOnly implements Workers {
  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void run(int tiles, Tiles work) {
    runAll(tiles, work);
  }

  @Override
  public void close() {}

  /** Runs every tile on the calling thread, in order. */
  static void runAll(int tiles, Tiles work) {
    for (int tile = 0; tile < tiles; tile++) {
      work.run(tile);
    }
  }
}
