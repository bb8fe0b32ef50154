package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.Numbers;

/** The real numbers that an integer type with one scale and zero point stands for, by the law. */
record Grid(float scale, int zeroPoint, int lo, int hi) {
  /**
   * The grid of a range, which is widened to hold 0; a symmetric one is that of the larger end.
   *
   * @param operand the tensor, for the message
   */
  static Grid of(String operand, float min, float max, DataType type, boolean symmetric) {
    float low = Math.min(min, 0);
    float high = Math.max(max, 0);
    float scale = symmetric
        ? Numbers.symmetricScale(Math.max(-low, high), type)
        : Numbers.rangeScale(low, high, type);
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException(
          operand + ": the range from " + min + " to " + max + " overflows binary32");
    }
    return symmetric
        ? new Grid(scale, 0, -type.max(), type.max())
        : new Grid(scale, Numbers.rangeZeroPoint(low, scale, type), type.min(), type.max());
  }

  /** The number of the grid that stands for x. */
  float nearest(float x) {
    return Numbers.dequantize(Numbers.quantize(x, scale, zeroPoint, lo, hi), scale, zeroPoint);
  }

  /** The smallest number of the grid. */
  float min() {
    return Numbers.dequantize(lo, scale, zeroPoint);
  }

  /** The largest number of the grid. */
  float max() {
    return Numbers.dequantize(hi, scale, zeroPoint);
  }

  static Quantization perTensor(Grid grid) {
    return Quantization.perTensor(grid.scale(), grid.zeroPoint());
  }

  static Quantization perChannel(int axis, Grid[] grids) {
    return Quantization.perChannel(axis, scales(grids), zeroPoints(grids));
  }

  static Quantization perGroup(int axis, int groupSize, Grid[] grids) {
    return Quantization.perGroup(axis, groupSize, scales(grids), zeroPoints(grids));
  }

  private static float[] scales(Grid[] grids) {
    float[] scales = new float[grids.length];
    for (int i = 0; i < grids.length; i++) {
      scales[i] = grids[i].scale();
    }
    return scales;
  }

  private static int[] zeroPoints(Grid[] grids) {
    int[] zeroPoints = new int[grids.length];
    for (int i = 0; i < grids.length; i++) {
      zeroPoints[i] = grids[i].zeroPoint();
    }
    return zeroPoints;
  }
}
