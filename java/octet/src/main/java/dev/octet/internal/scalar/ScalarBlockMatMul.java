package dev.octet.internal.scalar;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.engine.BlockMatMulSpec;
import dev.octet.engine.BlockWeights;

/**
 * The law of dynamic matmul with weights in a block format: groups of 32 of a row become symmetric S8; an
 * accumulator for each group of weights; groups are added up by fused multiply-add, first group first, and
 * after the products of 32 the minimum times what the values of the row sum up to.
 */
final class ScalarBlockMatMul extends ScalarFloatMatMul {
  /** {@code [N]}. */
  private final BlockFormat[] formats;
  /** {@code [N][K]}. */
  private final byte[][] weights;
  /** {@code [N][groups]}. */
  private final float[][] weightScales;
  private final float[][] minimums;

  ScalarBlockMatMul(BlockMatMulSpec spec) {
    super("scalar:" + spec.kernelName("dynamic"), spec.k(), spec.n(), spec.k() / BlockMatMulSpec.GROUP,
        spec.bias(),
        spec.min(), spec.max());
    this.formats = new BlockFormat[spec.n()];
    this.weights = new byte[spec.n()][spec.k()];
    this.weightScales = new float[spec.n()][];
    this.minimums = new float[spec.n()][];
    int first = 0;
    for (BlockWeights part : spec.weights()) {
      for (int row = 0; row < part.n(); row++) {
        read(part.tensor(), row, first + row);
      }
      first += part.n();
    }
  }

  private void read(BlockTensor tensor, int row, int column) {
    formats[column] = tensor.format();
    weightScales[column] = new float[tensor.groups()];
    minimums[column] = new float[tensor.groups()];
    for (int group = 0; group < tensor.groups(); group++) {
      tensor.integers(row, group, weights[column], group * tensor.format().groupSize());
      weightScales[column][group] = tensor.scale(row, group);
      minimums[column][group] = tensor.minimum(row, group);
    }
  }

  @Override
  public long packedBytes() {
    long bytes = (long) weights.length * weights[0].length;
    for (float[] scales : weightScales) {
      bytes += 8L * scales.length;
    }
    return bytes;
  }

  @Override
  void prepare(Row row) {
    quantize(row, BlockMatMulSpec.GROUP);
  }

  @Override
  float product(Row row, int column) {
    BlockFormat format = formats[column];
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
