package dev.octet.onnx.internal.plan;

import java.util.concurrent.atomic.AtomicLong;

/** Runs may begin until it is closed; what they use is freed when the last one is over. */
public final class Gate {
  private static final long CLOSED = Long.MIN_VALUE;

  /** How many runs there are; with the lowest of all numbers added once it is closed. */
  private final AtomicLong runs = new AtomicLong();
  private final Runnable free;

  /**
   * A gate.
   *
   * @param free runs once, when the gate is closed and no run is left
   */
  public Gate(Runnable free) {
    this.free = free;
  }

  /**
   * Begins a run.
   *
   * @throws IllegalStateException if the gate is closed
   */
  public void enter() {
    long now;
    do {
      now = runs.get();
      if (now < 0) {
        throw new IllegalStateException("this model is closed");
      }
    } while (!runs.compareAndSet(now, now + 1));
  }

  /** Ends a run. */
  public void exit() {
    if (runs.decrementAndGet() == CLOSED) {
      free.run();
    }
  }

  /** Lets no run begin any more; has no effect when called again. */
  public void close() {
    long before = runs.getAndUpdate(now -> now < 0 ? now : now + CLOSED);
    if (before == 0) {
      free.run();
    }
  }
}
