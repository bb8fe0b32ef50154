package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Float rows times fixed weights of 8 or 4 bits: what both products of this kind have in common.
 *
 * @param <O> the op
 */
abstract class FloatRowsCase<O extends Op> extends OpCase<O> {
  /** The run of an op. */
  @FunctionalInterface
  interface Run {
    void run(MemorySegment x, long xStride, MemorySegment y, long yStride, int rows);
  }

  final int m;
  final int k;
  final int n;
  private final int xStride;
  final int yStride;
  final float[] x;
  final Weights weights;
  final Bias bias;
  /** Or null. */
  final Clamp clamp;

  /**
   * Makes a case.
   *
   * @param groups whether weights have scales per group
   * @param type of weights that have not
   */
  FloatRowsCase(Dice dice, boolean groups, DataType type) {
    int[] sizes = dice.sizes(3, 1 << 21);
    this.m = dice.oneIn(24) ? 0 : sizes[0];
    this.k = sizes[1];
    this.n = sizes[2];
    this.xStride = k + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.yStride = n + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    this.x = dice.reals(m, k);
    this.weights = groups ? Weights.perGroup(dice, k, n) : Weights.perChannel(dice, type, k, n);
    this.bias = Bias.randomReal(dice, n, Weights.unit(weights.tensor().quantization()));
    this.clamp = Clamp.random(dice, 0.1f);
  }

  final boolean perGroup() {
    return weights.tensor().quantization().granularity() == Granularity.PER_GROUP;
  }

  final List<Output> run(Run op, Memory memory) {
    MemorySegment rows = memory.rows(MemorySegment.ofArray(x), 4L * k, 4L * xStride);
    Output y = memory.result("y", F32, Shape.of(m, yStride));
    op.run(rows, xStride, y.data(), yStride, m);
    return List.of(y);
  }

  @Override
  public String toString() {
    return m + " x " + k + " x " + n + ", rows " + xStride + " and " + yStride + " apart, " + weights + ", "
        + bias + (clamp == null ? "" : ", " + clamp);
  }
}
