package dev.octet.bench.contest;

import dev.octet.bench.foreign.LimitLoops;
import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.util.function.LongConsumer;

/**
 * The least that a core can do for a case: its multiplications in registers by the best exact instruction, or
 * reading as many bytes as its operands have, from wherever that much memory lies by then, whichever takes
 * longer. Taps in the padding of a convolution cost nothing; requantization, scales and biases do not.
 */
final class LimitTurn implements AutoCloseable {
  /** Samples of each to see which takes longer; the least counts. */
  private static final int TRIES = 7;
  /**
   * A sample lasts at least this long: calls from Java, slow at first, take longer than small operands do.
   */
  private static final long SAMPLE_NANOS = 100_000;

  private final LimitLoops loops;
  private final LimitLoops.Memory memory;
  private final long operations;
  private final boolean floats;
  private final boolean reads;

  LimitTurn(LimitLoops loops, BenchCase benchCase) {
    this.loops = loops;
    this.operations = benchCase.shape() instanceof RowsShape || benchCase.shape() instanceof PoolShape
        ? 0
        : (long) benchCase.shape().neededOperations();
    this.floats = benchCase.inFloats();
    this.memory = loops.new Memory(benchCase.bytes());
    this.reads = operations == 0 || least(memory::read) > least(this::multiply);
  }

  /** Nanoseconds of one time, the least of some samples. */
  private static double least(LongConsumer work) {
    for (long times = 1;; times *= 2) {
      long least = Long.MAX_VALUE;
      for (int i = 0; i < TRIES; i++) {
        long start = System.nanoTime();
        work.accept(times);
        least = Math.min(least, System.nanoTime() - start);
      }
      if (least >= SAMPLE_NANOS) {
        return least / (double) times;
      }
    }
  }

  private void multiply(long times) {
    if (floats) {
      loops.multiplyFloats(times * operations);
    } else {
      loops.multiply(times * operations);
    }
  }

  void run(long times) {
    if (reads) {
      memory.read(times);
    } else {
      multiply(times);
    }
  }

  String kernel() {
    return reads ? "read" : floats ? "multiply floats" : "multiply bytes";
  }

  @Override
  public void close() {
    memory.close();
  }
}
