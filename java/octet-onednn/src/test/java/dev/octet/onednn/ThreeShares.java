package dev.octet.onednn;

import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Workers;

/** Work cut for three threads, done by one: tiles are tested without threads. */
final class ThreeShares implements Workers {
  private final Workers caller = new CallerOnly();

  @Override
  public int threads() {
    return 3;
  }

  @Override
  public void run(int tiles, Tiles work) {
    caller.run(tiles, work);
  }

  @Override
  public void close() {
    caller.close();
  }
}
