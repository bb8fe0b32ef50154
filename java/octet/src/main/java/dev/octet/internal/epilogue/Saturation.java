package dev.octet.internal.epilogue;

import dev.octet.engine.OutputSpec;

/**
 * The accumulators at which an 8-bit output saturates. Clamping the accumulator to {@code [low, high]}
 * instead of the rounded result spares the way to int and back that the clamp of the result takes.
 *
 * <p>
 * {@code t(a) = f32(a) * M} and rint are monotone, so with {@code high} the smallest accumulator whose
 * {@code rint(t)} reaches {@code hi - zy}, everything from {@code high} on gives hi, and so does {@code high}
 * itself unless rint(t) jumps over it. That takes M above 1: then the column is not offered and the whole
 * epilogue clamps after rounding. Likewise below. In between {@code |t| <= 255.5}.
 */
final class Saturation {
  /** Smallest accumulator of each column that is told apart. */
  final int[] low;
  /** Largest accumulator of each column that is told apart. */
  final int[] high;

  private Saturation(int[] low, int[] high) {
    this.low = low;
    this.high = high;
  }

  /**
   * Finds the bounds of every column.
   *
   * @param multipliers M of each column
   * @param output an 8-bit output
   * @return the bounds, or null if a column has none
   */
  static Saturation of(float[] multipliers, OutputSpec output) {
    int lowest = output.lo() - output.zeroPoint();
    int highest = output.hi() - output.zeroPoint();
    int[] low = new int[multipliers.length];
    int[] high = new int[multipliers.length];
    for (int c = 0; c < multipliers.length; c++) {
      float m = multipliers[c];
      // Not above 1 also keeps infinity out, which makes NaN of accumulator 0.
      if (!(m <= 1)) {
        return null;
      }
      // Accumulators a with rint(t(a)) >= highest, and with rint(t(a)) > lowest, begin here.
      long reachesHighest = firstAtLeast(m, highest);
      long aboveLowest = firstAtLeast(m, lowest + 1);
      high[c] = (int) Math.min(reachesHighest, Integer.MAX_VALUE);
      low[c] = (int) Math.max(aboveLowest - 1, Integer.MIN_VALUE);
      if (rounded(m, high[c]) > highest || rounded(m, low[c]) < lowest) {
        return null;
      }
    }
    return new Saturation(low, high);
  }

  /** The smallest a with {@code rint(f32(a) * m) >= value}; 2^31 if there is none. */
  private static long firstAtLeast(float m, int value) {
    // An estimate first: it is right to some units in the last place, so the search ends after a few steps.
    double estimate = Math.min(Math.max((value - 0.5) / m, -0x1p31), 0x1p31);
    long slack = 2 + (long) (Math.abs(estimate) * 0x1p-21);
    long below = Math.max((long) estimate - slack, Integer.MIN_VALUE - 1L);
    long above = Math.min((long) estimate + slack, 1L + Integer.MAX_VALUE);
    if (below >= Integer.MIN_VALUE && rounded(m, (int) below) >= value) {
      below = Integer.MIN_VALUE - 1L;
    }
    if (above <= Integer.MAX_VALUE && rounded(m, (int) above) < value) {
      above = 1L + Integer.MAX_VALUE;
    }
    while (above - below > 1) {
      long middle = (below + above) >> 1;
      if (rounded(m, (int) middle) >= value) {
        above = middle;
      } else {
        below = middle;
      }
    }
    return above;
  }

  private static double rounded(float m, int accumulator) {
    return Math.rint((double) ((float) accumulator * m));
  }
}
