package dev.octet.testing;

/**
 * The law of numbers that are quantized to U8 by their own range, written a second time:
 * DynamicQuantizeLinear.
 *
 * @param scale of the numbers
 * @param zeroPoint of the numbers
 */
record DynamicRange(float scale, int zeroPoint) {
  /** The range of some elements, widened to hold 0. */
  static DynamicRange of(Tensor numbers, long first, long count) {
    float min = 0;
    float max = 0;
    for (long i = first; i < first + count; i++) {
      min = Math.min(min, numbers.real(i));
      max = Math.max(max, numbers.real(i));
    }
    float step = (max - min) / 255;
    float scale = step == 0 ? 1 : step;
    double zeroPoint = Math.rint(0 - min / scale);
    return new DynamicRange(scale, (int) Math.max(0, Math.min(255, zeroPoint)));
  }

  /** A number of the range as an integer. */
  int quantize(float number) {
    return (int) Math.max(0, Math.min(255, Math.rint(number / scale) + zeroPoint));
  }
}
