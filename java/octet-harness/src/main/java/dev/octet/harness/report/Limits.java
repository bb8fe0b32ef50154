package dev.octet.harness.report;

import dev.octet.harness.shape.BenchCase;
import dev.octet.harness.shape.PoolShape;
import dev.octet.harness.shape.RowsShape;
import java.util.List;
import java.util.Optional;

/**
 * The least time that this machine needs for a case: its multiplications at the measured rate of the best
 * exact instruction (F32: of FMA), or its bytes at the measured read bandwidth of the cache that holds them,
 * whichever takes longer. Taps in the padding of a convolution cost nothing; requantization, scales and
 * biases are not counted.
 */
public final class Limits {
  /** Ends the name of an instruction that is not exact on 8-bit operands. */
  private static final String INEXACT = "-inexact";

  private final List<Measurement> measured;
  private final List<Long> caches;

  /**
   * From what was measured.
   *
   * @param measured the rows dot, fma and read of the peer limit
   * @param caches bytes of data cache by level
   */
  public Limits(List<Measurement> measured, List<Long> caches) {
    this.measured = List.copyOf(measured);
    this.caches = List.copyOf(caches);
  }

  /**
   * The least time of a case.
   *
   * @return microseconds, or NaN if what decides was not measured
   */
  public double micros(BenchCase benchCase) {
    boolean elementWise = benchCase.shape() instanceof RowsShape || benchCase.shape() instanceof PoolShape;
    double compute = elementWise
        ? 0
        : benchCase.shape().neededOperations()
            / best(benchCase.inFloats() ? "fma" : "dot", benchCase.threads()) * 1e-3;
    return Math.max(compute, benchCase.bytes() / bandwidth(benchCase) * 1e-3);
  }

  /** Billions of operations a second, NaN if not measured. */
  private double best(String op, int threads) {
    return measured.stream()
        .filter(row -> row.op().equals(op) && row.threads() == threads && !row.shape().endsWith(INEXACT))
        .mapToDouble(Measurement::gops).max().orElse(Double.NaN);
  }

  /**
   * Gigabytes a second; each thread has its share of the data in caches of its own, the last one is shared.
   */
  private double bandwidth(BenchCase benchCase) {
    String level = "DRAM";
    for (int i = caches.size() - 1; i >= 0; i--) {
      long share = i == 2 ? benchCase.bytes() : benchCase.bytes() / benchCase.threads();
      if (share <= caches.get(i)) {
        level = "L" + (i + 1);
      }
    }
    String name = level;
    Optional<Measurement> read = measured.stream().filter(row -> row.op().equals("read")
        && row.threads() == benchCase.threads() && row.shape().equals(name)).findFirst();
    return read.map(Measurement::gops).orElse(Double.NaN);
  }
}
