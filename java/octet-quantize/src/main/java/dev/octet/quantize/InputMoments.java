package dev.octet.quantize;

import java.util.Objects;

/**
 * Accumulates statistics of a layer's input in calibration: the mean and the largest absolute value of each
 * feature, for {@link BiasCorrection} and {@link SmoothQuant}, and the sums of products of all pairs, for
 * {@link Gptq}. Streaming, sums in double precision; {@code in * in} doubles of memory with products. One
 * thread at a time.
 */
public final class InputMoments {
  /** The largest whose square is the length of an array. */
  private static final int MAX_WITH_PRODUCTS = 46_340;

  private final String tensor;
  private final int in;
  private final double[] sums;
  private final float[] absmax;
  /** {@code [in][in]}, the lower triangle; null where not asked for. */
  private final double[] products;
  private long rows;

  /**
   * Creates moments that have seen no rows.
   *
   * @param tensor the name of the input, for messages
   * @param in the number of features
   * @param products whether products of pairs are summed too
   * @throws IllegalArgumentException if there are more than 46,340 features, with products
   */
  public InputMoments(String tensor, int in, boolean products) {
    Objects.requireNonNull(tensor, "tensor");
    if (products && in > MAX_WITH_PRODUCTS) {
      throw new IllegalArgumentException(tensor + ": expected at most " + MAX_WITH_PRODUCTS
          + " features for products of all pairs, got " + in);
    }
    this.tensor = tensor;
    this.in = in;
    this.sums = new double[in];
    this.absmax = new float[in];
    this.products = products ? new double[in * in] : null;
  }

  /**
   * Adds rows. Where they are refused, nothing of them is counted.
   *
   * @param x rows of features, all finite; not kept
   * @throws IllegalArgumentException if x is no whole number of rows, or a value is NaN or infinite, named by
   *         tensor and position
   */
  public void observe(float[] x) {
    Objects.requireNonNull(x, "x");
    if (x.length % in != 0) {
      throw new IllegalArgumentException(
          tensor + ": expected rows of " + in + " features, got " + x.length + " numbers");
    }
    for (int i = 0; i < x.length; i++) {
      if (!Float.isFinite(x[i])) {
        throw new IllegalArgumentException(
            tensor + "[" + i / in + ", " + i % in + "]: expected a finite number, got " + x[i]);
      }
    }
    for (int first = 0; first < x.length; first += in) {
      for (int i = 0; i < in; i++) {
        float value = x[first + i];
        sums[i] += value;
        absmax[i] = Math.max(absmax[i], Math.abs(value));
      }
      for (int i = 0; products != null && i < in; i++) {
        double value = x[first + i];
        int row = i * in;
        for (int j = 0; j <= i; j++) {
          products[row + j] += value * x[first + j];
        }
      }
      rows++;
    }
  }

  /**
   * Adds the rows that another one has seen, to rounding in double precision.
   *
   * @param other moments of the same input; stay as they are
   * @throws IllegalArgumentException if tensor, features or products are others
   */
  public void merge(InputMoments other) {
    Objects.requireNonNull(other, "other");
    if (!tensor.equals(other.tensor) || in != other.in || (products == null) != (other.products == null)) {
      throw new IllegalArgumentException("merge: expected moments of " + tensor + " with " + in
          + " features, got those of " + other.tensor + " with " + other.in);
    }
    for (int i = 0; i < in; i++) {
      sums[i] += other.sums[i];
      absmax[i] = Math.max(absmax[i], other.absmax[i]);
    }
    for (int i = 0; products != null && i < products.length; i++) {
      products[i] += other.products[i];
    }
    rows += other.rows;
  }

  /**
   * Returns the number of rows that were seen.
   *
   * @return the number
   */
  public long rows() {
    return rows;
  }

  /**
   * Returns the mean of each feature.
   *
   * @return a new array
   * @throws IllegalStateException if nothing was seen
   */
  public float[] mean() {
    requireRows();
    float[] mean = new float[in];
    for (int i = 0; i < in; i++) {
      mean[i] = (float) (sums[i] / rows);
    }
    return mean;
  }

  /**
   * Returns the largest absolute value of each feature.
   *
   * @return a copy
   * @throws IllegalStateException if nothing was seen
   */
  public float[] absmax() {
    requireRows();
    return absmax.clone();
  }

  /**
   * Counts the features that were 0 in every row.
   *
   * @return 0 to the number of features
   * @throws IllegalStateException if nothing was seen
   */
  public int deadFeatures() {
    requireRows();
    int dead = 0;
    for (float most : absmax) {
      dead += most == 0 ? 1 : 0;
    }
    return dead;
  }

  /**
   * Returns the mean product of each pair of features.
   *
   * @return {@code [in][in]}, symmetric, a new array
   * @throws IllegalStateException if nothing was seen, or products were not asked for
   */
  public double[] meanProducts() {
    requireRows();
    if (products == null) {
      throw new IllegalStateException(tensor + ": products of features were not collected");
    }
    double[] mean = new double[products.length];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j <= i; j++) {
        mean[i * in + j] = products[i * in + j] / rows;
        mean[j * in + i] = mean[i * in + j];
      }
    }
    return mean;
  }

  /**
   * Returns the state as JSON, in the format of {@link #fromJson}.
   *
   * @return one line of text
   */
  public String toJson() {
    return MomentsJson.write(this);
  }

  /**
   * Restores moments that {@link #toJson} saved, equal to the last bit: an object with
   * {@code "format": "octet-input-moments"}, {@code "version": 1}, {@code "tensor"}, {@code "rows"} (at most
   * 2^53), {@code "sums"} and {@code "absmax"}, a number for each feature, and {@code "products"}, absent
   * where they were not collected: the sums of products of pairs, row by row of the lower triangle.
   *
   * @param json the text
   * @return the moments
   * @throws IllegalArgumentException if the text is no such object or contradicts itself
   */
  public static InputMoments fromJson(String json) {
    Objects.requireNonNull(json, "json");
    return MomentsJson.read(SavedJson.tree("moments", json));
  }

  boolean hasProducts() {
    return products != null;
  }

  double sum(int feature) {
    return sums[feature];
  }

  float absmax(int feature) {
    return absmax[feature];
  }

  /** Of two features, the second one not behind the first. */
  double product(int i, int j) {
    return products[i * in + j];
  }

  void restoreRows(long saved) {
    rows = saved;
  }

  void restore(int feature, double sum, float largest) {
    sums[feature] = sum;
    absmax[feature] = largest;
  }

  void restoreProduct(int i, int j, double sum) {
    products[i * in + j] = sum;
  }

  /** The name of the input. */
  String tensor() {
    return tensor;
  }

  /** How many there are. */
  int features() {
    return in;
  }

  private void requireRows() {
    if (rows == 0) {
      throw new IllegalStateException(tensor + ": no values were observed");
    }
  }
}
