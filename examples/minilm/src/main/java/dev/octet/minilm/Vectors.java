package dev.octet.minilm;

/** Arithmetic on embeddings. */
public final class Vectors {
  private Vectors() {}

  /**
   * The mean of rows, scaled to length 1.
   *
   * @param rows {@code [..][384]}
   * @param first the first row
   * @param count how many rows
   */
  public static float[] pool(float[] rows, int first, int count) {
    double[] sum = new double[MiniLm.FEATURES];
    for (int row = first; row < first + count; row++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += rows[row * MiniLm.FEATURES + i];
      }
    }
    double square = 0;
    for (double value : sum) {
      square += value * value;
    }
    float[] unit = new float[sum.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sum[i] / Math.sqrt(square));
    }
    return unit;
  }

  /** The cosine of two vectors of any length but 0. */
  public static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  /** The cosines of all pairs. */
  public static double[] similarities(float[][] vectors) {
    int n = vectors.length;
    double[] result = new double[n * (n - 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        result[at++] = cosine(vectors[i], vectors[j]);
      }
    }
    return result;
  }

  /** Spearman's rank correlation; ties share the mean of their ranks. */
  public static double spearman(double[] a, double[] b) {
    double[] x = ranks(a);
    double[] y = ranks(b);
    double mean = (a.length - 1) / 2.0;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mean) * (y[i] - mean);
      xx += (x[i] - mean) * (x[i] - mean);
      yy += (y[i] - mean) * (y[i] - mean);
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    java.util.Arrays.setAll(order, i -> i);
    java.util.Arrays.sort(order, java.util.Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length;) {
      int to = from;
      while (to + 1 < order.length && values[order[to + 1]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i <= to; i++) {
        ranks[order[i]] = (from + to) / 2.0;
      }
      from = to + 1;
    }
    return ranks;
  }
}
