package dev.octet.internal.scalar;

import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatrixWeights;

/**
 * The law of dynamic matmul with weights per group along K: each group of a row becomes symmetric S8 with a
 * scale of its own; an accumulator for each group; the groups are added up by fused multiply-add, first group
 * first.
 */
final class ScalarGroupMatMul extends ScalarFloatMatMul {
  private final int groupSize;
  private final short[][] centred;
  /** {@code [N][groups]}. */
  private final float[][] weightScales;

  ScalarGroupMatMul(FloatMatMulSpec spec) {
    super(spec, "dynamic");
    MatrixWeights weights = spec.weights();
    this.groupSize = weights.groupSize();
    this.centred = CentredWeights.of(weights);
    this.weightScales = new float[weights.n()][weights.groups()];
    for (int column = 0; column < weights.n(); column++) {
      for (int group = 0; group < weights.groups(); group++) {
        weightScales[column][group] = weights.scale(group, column);
      }
    }
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred) + 4L * weightScales.length * weightScales[0].length;
  }

  @Override
  void prepare(Row row) {
    quantize(row, groupSize);
  }

  @Override
  float product(Row row, int column) {
    float sum = 0;
    for (int group = 0; group < row.scales().length; group++) {
      int accumulator = 0;
      for (int i = group * groupSize; i < end(row, group); i++) {
        accumulator += row.centred()[i] * centred[column][i];
      }
      sum = Math.fma((float) accumulator, row.scales()[group] * weightScales[column][group], sum);
    }
    return sum;
  }

  private int end(Row row, int group) {
    int start = group * groupSize;
    return start + Math.min(groupSize, row.values().length - start);
  }
}
