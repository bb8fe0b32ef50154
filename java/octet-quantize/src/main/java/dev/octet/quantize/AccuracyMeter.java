package dev.octet.quantize;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Accumulates an {@link Accuracy} over rows that arrive in parts. Memory does not grow with the number of
 * rows. One thread at a time.
 */
public final class AccuracyMeter {
  private final int columns;
  private final int k;
  private double signal;
  private double power;
  private double noise;
  private double product;
  private double maxError;
  private double divergence;
  private double same;
  private double shared;
  private long rows;

  /**
   * Creates a meter that has seen no rows.
   *
   * @param columns the length of a row
   * @param k how many of the largest elements of a row are compared; all if the row is shorter
   * @throws IllegalArgumentException if one is less than 1
   */
  public AccuracyMeter(int columns, int k) {
    if (columns < 1 || k < 1) {
      throw new IllegalArgumentException(
          "columns and k: expected at least 1, got " + columns + " and " + k);
    }
    this.columns = columns;
    this.k = Math.min(k, columns);
  }

  /**
   * Adds rows to the comparison. After an exception the comparison may hold some of them.
   *
   * @param reference the expected numbers, whole rows
   * @param actual the computed numbers, as many
   * @throws IllegalArgumentException if they are no whole rows, not as many, or a number is not finite
   */
  public void add(float[] reference, float[] actual) {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(actual, "actual");
    if (reference.length != actual.length || reference.length % columns != 0) {
      throw new IllegalArgumentException(
          "rows: expected both of the same number of rows of " + columns + ", got "
              + reference.length + " and " + actual.length + " numbers");
    }
    for (int i = 0; i < reference.length; i++) {
      if (!Float.isFinite(reference[i]) || !Float.isFinite(actual[i])) {
        throw new IllegalArgumentException("rows[" + i / columns + ", " + i % columns
            + "]: expected finite numbers, got " + reference[i] + " and " + actual[i]);
      }
      double error = (double) reference[i] - actual[i];
      signal += (double) reference[i] * reference[i];
      power += (double) actual[i] * actual[i];
      product += (double) reference[i] * actual[i];
      noise += error * error;
      maxError = Math.max(maxError, Math.abs(error));
    }
    for (int row = 0; row < reference.length; row += columns) {
      float[] expected = Arrays.copyOfRange(reference, row, row + columns);
      float[] got = Arrays.copyOfRange(actual, row, row + columns);
      divergence += divergence(expected, got);
      List<Integer> wanted = largest(expected);
      List<Integer> found = largest(got);
      same += wanted.getFirst().equals(found.getFirst()) ? 1 : 0;
      Set<Integer> both = new HashSet<>(wanted);
      both.retainAll(found);
      shared += (double) both.size() / k;
      rows++;
    }
  }

  /**
   * Returns the comparison of all rows that were added.
   *
   * @return the comparison
   * @throws IllegalArgumentException if no rows were added
   */
  public Accuracy result() {
    if (rows == 0) {
      throw new IllegalArgumentException("rows: expected at least one, got none");
    }
    double sqnr = noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
    double cosine = signal == 0 && power == 0
        ? 1
        : signal == 0 || power == 0
            ? 0
            : product / Math.sqrt(signal) / Math.sqrt(power);
    return new Accuracy(sqnr, cosine, maxError, divergence / rows, same / rows, shared / rows, k, rows);
  }

  /** Indices of the k largest elements, largest first, the first of equal ones first. */
  private List<Integer> largest(float[] row) {
    return IntStream.range(0, columns).boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -row[i]).thenComparing(Comparator.naturalOrder()))
        .limit(k).toList();
  }

  /** Of softmax(actual) from softmax(reference): {@code sum p log(p / q)}. */
  private static double divergence(float[] reference, float[] actual) {
    double[] p = logSoftmax(reference);
    double[] q = logSoftmax(actual);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += Math.exp(p[i]) * (p[i] - q[i]);
    }
    return Math.max(sum, 0);
  }

  private static double[] logSoftmax(float[] row) {
    double max = Double.NEGATIVE_INFINITY;
    for (float x : row) {
      max = Math.max(max, x);
    }
    double sum = 0;
    for (float x : row) {
      sum += Math.exp(x - max);
    }
    double[] result = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      result[i] = row[i] - max - Math.log(sum);
    }
    return result;
  }
}
