package dev.octet.quantize;

import java.nio.ByteBuffer;

/** A block of Q6_K: 256 weights of 6 bits, a scale of 8 bits for each 16, and a binary16 for all. */
final class Q6KBlock {
  private static final int ELEMENTS = 256;
  private static final int GROUP = 16;
  private static final int GROUPS = ELEMENTS / GROUP;
  private static final int LO = -32;
  private static final int HI = 31;
  /** Each is fitted to the integers of the one before. */
  private static final int FITS = 2;

  private final float[] x;
  private final int at;
  /** What makes -32 of the peak of each group. */
  private final float[] usual = new float[GROUPS];
  /** What each group would have by itself. */
  private final float[] wanted = new float[GROUPS];
  private final int[] scales = new int[GROUPS];

  private Q6KBlock(float[] x, int at) {
    this.x = x;
    this.at = at;
    for (int group = 0; group < GROUPS; group++) {
      usual[group] = LeastSquares.peak(x, at + group * GROUP, GROUP) / LO;
      wanted[group] = LeastSquares.scale(x, at + group * GROUP, GROUP, LO, HI, false);
    }
  }

  static void put(float[] x, int at, ByteBuffer blocks) {
    new Q6KBlock(x, at).put(blocks);
  }

  private void put(ByteBuffer blocks) {
    float d = factor();
    choose(d);
    byte[] low = new byte[ELEMENTS / 2];
    byte[] high = new byte[ELEMENTS / 4];
    for (int e = 0; e < ELEMENTS; e++) {
      int u = LeastSquares.nearest(x[at + e], LeastSquares.inverse(d * scales[e / GROUP]), LO, HI) - LO;
      int half = e / 128;
      int quarter = e % 128 / 32;
      int k = e % 32;
      low[64 * half + 32 * (quarter % 2) + k] |= (byte) ((u & 15) << (quarter / 2 * 4));
      high[32 * half + k] |= (byte) ((u >> 4) << (2 * quarter));
    }
    blocks.put(low).put(high);
    for (int scale : scales) {
      blocks.put((byte) scale);
    }
    blocks.putShort(Float.floatToFloat16(d));
  }

  /** The factor of all scales: -128 of it is the largest scale, or what fits better. */
  private float factor() {
    float best = BlockQuantizer.requireScale(
        LeastSquares.stored(LeastSquares.peak(usual, 0, GROUPS) / -128, true), x, at, ELEMENTS);
    double least = choose(best);
    float peak = LeastSquares.peak(wanted, 0, GROUPS);
    for (int end : new int[]{-128, -124, 127}) {
      float d = LeastSquares.stored(peak / end, true);
      for (int fit = 0; fit < FITS && Float.isFinite(d); fit++) {
        double error = choose(d);
        if (error < least) {
          least = error;
          best = d;
        }
        d = LeastSquares.stored(fitted(d), true);
      }
    }
    return best;
  }

  /** Takes the best scale of each group for a factor, and returns the sum of squared errors. */
  private double choose(float d) {
    double inverse = LeastSquares.inverse(d);
    double sum = 0;
    for (int group = 0; group < GROUPS; group++) {
      scales[group] = LeastSquares.nearest(usual[group], inverse, -128, 127);
      double least = error(group, d * scales[group]);
      int near = LeastSquares.nearest(wanted[group], inverse, -128, 127);
      for (int scale = Math.max(-128, near - 1); scale <= Math.min(127, near + 1); scale++) {
        double error = error(group, d * scale);
        if (error < least) {
          least = error;
          scales[group] = scale;
        }
      }
      sum += least;
    }
    return sum;
  }

  private double error(int group, float scale) {
    return LeastSquares.error(x, at + group * GROUP, GROUP, scale, LO, HI);
  }

  /** The factor that fits the integers and the scales of another one best. */
  private float fitted(float d) {
    double products = 0;
    double squares = 0;
    for (int e = 0; e < ELEMENTS; e++) {
      int scale = scales[e / GROUP];
      double q = (double) scale * LeastSquares.nearest(x[at + e], LeastSquares.inverse(d * scale), LO, HI);
      products += q * x[at + e];
      squares += q * q;
    }
    return squares == 0 ? 0 : (float) (products / squares);
  }
}
