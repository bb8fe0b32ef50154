package dev.octet.quantize;

import java.nio.ByteBuffer;

/**
 * A block of Q4_K: 256 weights {@code d * sc * u - dmin * m} of 4 bits, with a scale sc and a minimum m of 6
 * bits for each 32, and binary16 d and dmin for all.
 */
final class Q4KBlock {
  private static final int GROUP = 32;
  private static final int GROUPS = 8;
  private static final int MOST = 15;
  private static final int SIX_BITS = 63;
  /** Each is fitted to the integers of the one before. */
  private static final int FITS = 3;
  /** Ranges that are tried for a group, as parts of its whole range. */
  private static final int RANGES = 10;
  /** Parts of the usual d and dmin that are tried. */
  private static final double[] PARTS = {1, 1.05};

  private final float[] x;
  private final int at;
  /** What each group would have by its range: the scale, and what is subtracted. */
  private final float[] usualScales = new float[GROUPS];
  private final float[] usualMinimums = new float[GROUPS];
  /** What each group would have by itself. */
  private final float[] wantedScales = new float[GROUPS];
  private final float[] wantedMinimums = new float[GROUPS];
  private final int[] scales = new int[GROUPS];
  private final int[] minimums = new int[GROUPS];
  private final double[] errors = new double[GROUPS];
  /** Of a fit by {@link #fit}. */
  private double fittedScale;
  private double fittedMinimum;

  private Q4KBlock(float[] x, int at) {
    this.x = x;
    this.at = at;
    for (int group = 0; group < GROUPS; group++) {
      want(group);
    }
  }

  static void put(float[] x, int at, ByteBuffer blocks) {
    new Q4KBlock(x, at).put(blocks);
  }

  private void put(ByteBuffer blocks) {
    float[] factors = factors();
    choose(factors[0], factors[1]);
    blocks.putShort(Float.floatToFloat16(factors[0])).putShort(Float.floatToFloat16(factors[1]));
    byte[] packed = new byte[12];
    for (int j = 0; j < 4; j++) {
      packed[j] = (byte) (scales[j] | scales[j + 4] >> 4 << 6);
      packed[j + 4] = (byte) (minimums[j] | minimums[j + 4] >> 4 << 6);
      packed[j + 8] = (byte) ((scales[j + 4] & 15) | (minimums[j + 4] & 15) << 4);
    }
    blocks.put(packed);
    byte[] codes = new byte[2 * GROUP];
    for (int group = 0; group < GROUPS; group += 2) {
      for (int i = 0; i < codes.length; i++) {
        int its = group + i / GROUP;
        codes[i] = (byte) code(x[at + group * GROUP + i],
            LeastSquares.inverse(factors[0] * scales[its]), factors[1] * minimums[its]);
      }
      BlockQuantizer.putNibbles(codes, blocks);
    }
  }

  private static int code(float value, double inverse, float minimum) {
    return LeastSquares.nearest(value + minimum, inverse, 0, MOST);
  }

  private double error(int group, float scale, float minimum) {
    double inverse = LeastSquares.inverse(scale);
    double sum = 0;
    for (int i = at + group * GROUP; i < at + (group + 1) * GROUP; i++) {
      double error = x[i] - (double) (scale * code(x[i], inverse, minimum) - minimum);
      sum += error * error;
    }
    return sum;
  }

  /** The scale and the minimum that a group would have by itself: no negative ones, as usual. */
  private void want(int group) {
    float lowest = 0;
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = at + group * GROUP; i < at + (group + 1) * GROUP; i++) {
      lowest = Math.min(lowest, x[i]);
      highest = Math.max(highest, x[i]);
    }
    usualScales[group] = (float) (((double) highest - lowest) / MOST);
    usualMinimums[group] = -lowest;
    double least = Double.POSITIVE_INFINITY;
    for (int range = 0; range <= RANGES; range++) {
      double scale = usualScales[group] * (1 - 0.5 * range / RANGES);
      double minimum = usualMinimums[group] * (1 - 0.25 * range / RANGES);
      for (int fit = 0; fit < FITS; fit++) {
        double error = error(group, (float) scale, (float) minimum);
        if (error < least) {
          least = error;
          wantedScales[group] = (float) scale;
          wantedMinimums[group] = (float) minimum;
        }
        fit(group, (float) scale, (float) minimum);
        scale = fittedScale;
        minimum = fittedMinimum;
      }
    }
  }

  /** The scale and the minimum, neither negative, that fit the integers of others best. */
  private void fit(int group, float scale, float minimum) {
    double inverse = LeastSquares.inverse(scale);
    double sumU = 0;
    double sumX = 0;
    double squares = 0;
    double products = 0;
    for (int i = at + group * GROUP; i < at + (group + 1) * GROUP; i++) {
      double u = code(x[i], inverse, minimum);
      sumU += u;
      sumX += x[i];
      squares += u * u;
      products += u * x[i];
    }
    double determinant = GROUP * squares - sumU * sumU;
    fittedScale = determinant > 0 ? (GROUP * products - sumU * sumX) / determinant : scale;
    fittedMinimum = determinant > 0 ? (fittedScale * sumU - sumX) / GROUP : minimum;
    if (fittedMinimum < 0) {
      fittedMinimum = 0;
      fittedScale = squares > 0 ? products / squares : 0;
    }
    fittedScale = Math.max(0, fittedScale);
  }

  /** d and dmin: 63 of them are the largest that a group has by its range, or what fits better. */
  private float[] factors() {
    float scale = LeastSquares.peak(usualScales, 0, GROUPS) / SIX_BITS;
    float minimum = LeastSquares.peak(usualMinimums, 0, GROUPS) / SIX_BITS;
    float[] best = {require(half(scale)), require(half(minimum))};
    double least = choose(best[0], best[1]);
    scale = LeastSquares.peak(wantedScales, 0, GROUPS) / SIX_BITS;
    minimum = LeastSquares.peak(wantedMinimums, 0, GROUPS) / SIX_BITS;
    for (double part : PARTS) {
      float d = half(scale * part);
      float dmin = half(minimum * part);
      for (int fit = 0; fit < FITS && Float.isFinite(d) && Float.isFinite(dmin); fit++) {
        double error = choose(d, dmin);
        if (error < least) {
          least = error;
          best[0] = d;
          best[1] = dmin;
        }
        fit(d, dmin);
        d = half(fittedScale);
        dmin = half(fittedMinimum);
      }
    }
    return best;
  }

  private float require(float factor) {
    return BlockQuantizer.requireScale(factor, x, at, GROUPS * GROUP);
  }

  private static float half(double factor) {
    return LeastSquares.stored((float) factor, true);
  }

  /** Takes the best scale and minimum of each group, and returns the sum of squared errors. */
  private double choose(float d, float dmin) {
    double sum = 0;
    for (int group = 0; group < GROUPS; group++) {
      errors[group] = Double.POSITIVE_INFINITY;
      consider(group, sixBits(usualScales[group], d), d, sixBits(usualMinimums[group], dmin), dmin);
      int scale = sixBits(wantedScales[group], d);
      int minimum = sixBits(wantedMinimums[group], dmin);
      for (int sc = Math.max(0, scale - 1); sc <= Math.min(SIX_BITS, scale + 1); sc++) {
        for (int m = Math.max(0, minimum - 1); m <= Math.min(SIX_BITS, minimum + 1); m++) {
          consider(group, sc, d, m, dmin);
        }
      }
      sum += errors[group];
    }
    return sum;
  }

  private static int sixBits(float wanted, float factor) {
    return LeastSquares.nearest(wanted, LeastSquares.inverse(factor), 0, SIX_BITS);
  }

  private void consider(int group, int scale, float d, int minimum, float dmin) {
    double error = error(group, d * scale, dmin * minimum);
    if (error < errors[group]) {
      errors[group] = error;
      scales[group] = scale;
      minimums[group] = minimum;
    }
  }

  /** The d and dmin, neither negative, that fit the integers of others best. */
  private void fit(float d, float dmin) {
    double aa = 0;
    double ab = 0;
    double bb = 0;
    double ax = 0;
    double bx = 0;
    for (int i = 0; i < GROUPS * GROUP; i++) {
      int group = i / GROUP;
      float value = x[at + i];
      double a = (double) scales[group]
          * code(value, LeastSquares.inverse(d * scales[group]), dmin * minimums[group]);
      double b = -minimums[group];
      aa += a * a;
      ab += a * b;
      bb += b * b;
      ax += a * value;
      bx += b * value;
    }
    double determinant = aa * bb - ab * ab;
    fittedScale = determinant > 0 ? Math.max(0, (ax * bb - bx * ab) / determinant) : aa > 0 ? ax / aa : d;
    fittedMinimum = determinant > 0 ? Math.max(0, (bx * aa - ax * ab) / determinant) : dmin;
  }
}
