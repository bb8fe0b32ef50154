package dev.octet.harness.report;

import java.util.Locale;

/**
 * How many times faster one contestant was than another one, over the rounds in which they took turns.
 *
 * @param p10 the 10th percentile
 * @param median the median
 * @param p90 the 90th percentile
 */
public record Spread(double p10, double median, double p90) {
  /** From p10 to p90, as a share of the median: above this a figure is not to be quoted. */
  private static final double STEADY = 0.10;

  /**
   * Of times by round.
   *
   * @param micros of the contestant
   * @param others of the other one, in the same rounds
   */
  public static Spread of(double[] micros, double[] others) {
    if (micros.length != others.length || micros.length == 0) {
      throw new IllegalArgumentException(
          "expected times of the same rounds, got " + micros.length + " and " + others.length);
    }
    double[] ratios = Rounds.ratios(micros, others);
    return new Spread(Rounds.quantile(ratios, 0.1), Rounds.quantile(ratios, 0.5),
        Rounds.quantile(ratios, 0.9));
  }

  /** Whether p10 and p90 are further apart than 10 % of the median. */
  public boolean unsteady() {
    return !(p90 - p10 <= STEADY * median);
  }

  /** The median with p10 and p90, and a word where they are far apart. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f %.3f]%s", median, p10, p90, unsteady() ? " UNSTEADY" : "");
  }
}
