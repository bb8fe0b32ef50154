package dev.octet.internal.scalar;

import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.Numbers;

/**
 * Float rows times dequantized weights; the order of summation, here plain, is free within the law's bound.
 */
final class ScalarWeightOnlyMatMul extends ScalarFloatMatMul {
  /** {@code [N][K]}. */
  private final float[][] weights;

  ScalarWeightOnlyMatMul(FloatMatMulSpec spec) {
    super(spec, "weightonly");
    MatrixWeights from = spec.weights();
    this.weights = new float[from.n()][from.k()];
    for (int column = 0; column < from.n(); column++) {
      for (int i = 0; i < from.k(); i++) {
        int group = i / from.groupSize();
        weights[column][i] = Numbers.dequantize(from.get(i, column), from.scale(group, column),
            from.zeroPoint(group, column));
      }
    }
  }

  ScalarWeightOnlyMatMul(BlockMatMulSpec spec) {
    super("scalar:" + spec.kernelName("weightonly"), spec.k(), spec.n(), 0, spec.bias(), spec.min(),
        spec.max());
    this.weights = new float[spec.n()][spec.k()];
    int column = 0;
    for (BlockWeights part : spec.weights()) {
      for (int row = 0; row < part.n(); row++) {
        part.tensor().dequantize(row, weights[column]);
        column++;
      }
    }
  }

  @Override
  public long packedBytes() {
    return 4L * weights.length * weights[0].length;
  }

  /** The row stays as it came. */
  @Override
  void prepare(Row row) {}

  @Override
  float product(Row row, int column) {
    float sum = 0;
    for (int i = 0; i < row.values().length; i++) {
      sum += row.values()[i] * weights[column][i];
    }
    return sum;
  }
}
