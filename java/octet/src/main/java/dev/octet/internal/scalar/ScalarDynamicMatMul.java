package dev.octet.internal.scalar;

import dev.octet.DataType;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.Numbers;

/**
 * The law of dynamic matmul with weights per tensor or per channel: each row becomes U8 with a scale and zero
 * point of its own, then the row of the law for F32 output.
 */
final class ScalarDynamicMatMul extends ScalarFloatMatMul {
  private final short[][] centred;
  private final float[] weightScales;

  ScalarDynamicMatMul(FloatMatMulSpec spec) {
    super(spec, "dynamic");
    this.centred = CentredWeights.of(spec.weights());
    this.weightScales = new float[spec.weights().n()];
    for (int column = 0; column < weightScales.length; column++) {
      weightScales[column] = spec.weights().scale(0, column);
    }
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred) + 4L * weightScales.length;
  }

  @Override
  void prepare(Row row) {
    float min = 0;
    float max = 0;
    for (float x : row.values()) {
      min = Math.min(min, x);
      max = Math.max(max, x);
    }
    float scale = Numbers.rangeScale(min, max, DataType.U8);
    int zeroPoint = Numbers.rangeZeroPoint(min, scale, DataType.U8);
    for (int i = 0; i < row.values().length; i++) {
      row.centred()[i] = Numbers.quantize(row.values()[i], scale, zeroPoint, DataType.U8) - zeroPoint;
    }
    row.scales()[0] = scale;
  }

  @Override
  float product(Row row, int column) {
    int accumulator = 0;
    for (int i = 0; i < row.centred().length; i++) {
      accumulator += row.centred()[i] * centred[column][i];
    }
    return (float) accumulator * (row.scales()[0] * weightScales[column]);
  }
}
