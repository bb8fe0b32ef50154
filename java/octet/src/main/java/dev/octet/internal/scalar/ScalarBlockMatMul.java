package dev.octet.internal.scalar;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.engine.BlockMatMulSpec;

/**
 * The law of dynamic matmul with weights in a block format: groups of 32 of a row become symmetric S8; an
 * accumulator for each group of weights; groups are added up by fused multiply-add, first group first, and
 * after the products of 32 the minimum times what the values of the row sum up to.
 */
final class ScalarBlockMatMul extends ScalarFloatMatMul {
  private final BlockFormat format;
  /** {@code [N][K]}. */
  private final byte[][] weights;
  /** {@code [N][groups]}. */
  private final float[][] weightScales;
  private final float[][] minimums;

  ScalarBlockMatMul(BlockMatMulSpec spec) {
    super("scalar:" + spec.kernelName("dynamic"), spec.weights().k(), spec.weights().n(),
        spec.weights().k() / BlockMatMulSpec.GROUP, spec.bias(), spec.min(), spec.max());
    BlockTensor tensor = spec.weights().tensor();
    this.format = tensor.format();
    this.weights = new byte[spec.weights().n()][tensor.columns()];
    this.weightScales = new float[weights.length][tensor.groups()];
    this.minimums = new float[weights.length][tensor.groups()];
    for (int column = 0; column < weights.length; column++) {
      for (int group = 0; group < tensor.groups(); group++) {
        tensor.integers(column, group, weights[column], group * format.groupSize());
        weightScales[column][group] = tensor.scale(column, group);
        minimums[column][group] = tensor.minimum(column, group);
      }
    }
  }

  @Override
  public long packedBytes() {
    return weights.length * (weights[0].length + 8L * weightScales[0].length);
  }

  @Override
  void prepare(Row row) {
    quantize(row, BlockMatMulSpec.GROUP);
  }

  @Override
  float product(Row row, int column) {
    int size = format.groupSize();
    float f = 0;
    for (int group = 0; group < weightScales[column].length; group++) {
      int accumulator = 0;
      for (int i = group * size; i < (group + 1) * size; i++) {
        accumulator += row.centred()[i] * weights[column][i];
      }
      float rowScale = row.scales()[group * size / BlockMatMulSpec.GROUP];
      f = Math.fma((float) accumulator, rowScale * weightScales[column][group], f);
      if (format.hasMinimum()) {
        int sum = 0;
        for (int i = group * size; i < (group + 1) * size; i++) {
          sum += row.centred()[i];
        }
        f = Math.fma(minimums[column][group], rowScale * (float) sum, f);
      }
    }
    return f;
  }
}
