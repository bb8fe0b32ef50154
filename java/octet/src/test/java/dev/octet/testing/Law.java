package dev.octet.testing;

import dev.octet.DataType;

/**
 * The numerics law written a second time, one output element at a time, for what ONNX Runtime cannot judge:
 * scales that come with the run, clamps, float outputs of convolution, groups along K, windowed averages.
 */
final class Law {
  private Law() {}

  /**
   * What becomes of an accumulator.
   *
   * @param type of the output
   * @param scale of an 8-bit output
   * @param zeroPoint of an 8-bit output
   * @param min of a clamp
   * @param max of a clamp
   */
  record Output(DataType type, float scale, int zeroPoint, float min, float max) {
    /**
     * Stores one element.
     *
     * @param y the result
     * @param index of the element
     * @param accumulator without bias
     * @param inputScale of the input, or of the left operand
     * @param atRun whether that scale came with the run
     * @param weightScale of the weights, or of the right operand
     * @param bias added to the accumulator
     * @param floatBias added to the scaled accumulator of F32 output, to the accumulator in units of its
     *        scale otherwise; null: none
     */
    void store(Tensor y, long index, int accumulator, float inputScale, boolean atRun, float weightScale,
        int bias,
        Float floatBias) {
      float product = inputScale * weightScale;
      if (type == DataType.F32) {
        float real = (float) (accumulator + bias) * product;
        if (floatBias != null) {
          real = real + floatBias;
        }
        y.set(index, Math.max(min, Math.min(max, real)));
        return;
      }
      int sum = accumulator + bias;
      if (floatBias != null) {
        sum += (int) Math.rint(floatBias / product);
      }
      if (type == DataType.S32) {
        y.set(index, sum);
        return;
      }
      float multiplier = atRun ? inputScale * (weightScale / scale) : product / scale;
      y.set(index, round((float) sum * multiplier));
    }

    /** A scaled value to an integer of the type, within the clamp. */
    int round(float scaled) {
      return saturate(Math.rint(scaled) + zeroPoint);
    }

    /** An integer to one of the type, within the clamp. */
    int saturate(double integer) {
      double lo = Math.max(type.min(), bound(min));
      double hi = Math.min(type.max(), bound(max));
      return (int) Math.max(lo, Math.min(hi, integer));
    }

    /** A real bound as an integer: the quantize row, saturated. */
    private double bound(float real) {
      return Math.max(type.min(), Math.min(type.max(), Math.rint(real / scale) + zeroPoint));
    }
  }
}
