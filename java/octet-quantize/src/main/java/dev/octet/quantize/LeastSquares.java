package dev.octet.quantize;

/**
 * Scales of integers for a run of floats, by the least sum of squared errors that a search about the usual
 * scale finds. What begins with the usual scale is never worse than it.
 */
final class LeastSquares {
  /** Candidates on each side of a usual scale, a fifth of a step of the integers apart. */
  private static final int REACH = 5;
  private static final float STEP = 0.2f;
  /** Each is fitted to the integers of the one before. */
  private static final int FITS = 2;

  private LeastSquares() {}

  /** The value of the largest magnitude, with its sign. */
  static float peak(float[] x, int from, int count) {
    float peak = 0;
    for (int i = from; i < from + count; i++) {
      if (Math.abs(x[i]) > Math.abs(peak)) {
        peak = x[i];
      }
    }
    return peak;
  }

  /** One over a scale; 0 of a scale of 0. */
  static double inverse(float scale) {
    return scale == 0 ? 0 : 1 / (double) scale;
  }

  /** The integer from lo to hi whose product with the scale is nearest. */
  static int nearest(float value, double inverse, int lo, int hi) {
    return (int) Math.max(lo, Math.min(hi, Math.rint(value * inverse)));
  }

  /** The sum of squared errors of floats rounded to multiples of a scale. */
  static double error(float[] x, int from, int count, float scale, int lo, int hi) {
    double inverse = inverse(scale);
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      double error = x[i] - (double) (scale * nearest(x[i], inverse, lo, hi));
      sum += error * error;
    }
    return sum;
  }

  /**
   * A scale of either sign for integers from lo to hi.
   *
   * @param half whether it has to be a binary16
   * @return a finite scale, no worse than that which makes lo of the peak; 0 where all floats are 0, and NaN
   *         where a binary16 is too small for any
   */
  static float scale(float[] x, int from, int count, int lo, int hi, boolean half) {
    float peak = peak(x, from, count);
    if (peak == 0) {
      return 0;
    }
    float best = Float.NaN;
    double least = Double.POSITIVE_INFINITY;
    for (int end : new int[]{lo, hi}) {
      for (int step = -REACH; step <= REACH; step++) {
        float scale = stored(peak / (end + step * STEP), half);
        double error = Float.isFinite(scale) ? error(x, from, count, scale, lo, hi) : least;
        if (error < least) {
          least = error;
          best = scale;
        }
      }
    }
    for (int fit = 0; fit < FITS && Float.isFinite(best); fit++) {
      float scale = stored(fitted(x, from, count, best, lo, hi), half);
      double error = error(x, from, count, scale, lo, hi);
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    return best;
  }

  /** The scale that fits the integers of another one best. */
  private static float fitted(float[] x, int from, int count, float scale, int lo, int hi) {
    double inverse = inverse(scale);
    double products = 0;
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      double q = nearest(x[i], inverse, lo, hi);
      products += q * x[i];
      squares += q * q;
    }
    return squares == 0 ? 0 : (float) (products / squares);
  }

  /** What a file keeps of a scale; never a negative zero. */
  static float stored(float scale, boolean half) {
    return (half ? Float.float16ToFloat(Float.floatToFloat16(scale)) : scale) + 0f;
  }
}
