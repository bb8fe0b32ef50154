package dev.octet.testing;

/**
 * A sum of products in float arithmetic, in any order: the law bounds how far from exact it may be.
 *
 * @param count of the products
 * @param sum of them, exact
 * @param magnitude the sum of their magnitudes, or of those of the parts that an engine may add up apart
 */
record FloatSum(int count, double sum, double magnitude) {
  /**
   * Whether a result is within {@code count * 2^-23 * magnitude}, and half a unit in the last place for
   * adding the bias.
   *
   * @param result what came
   * @param bias of all columns, or null
   * @param column of the result
   * @param min the smallest result
   * @param max the largest
   */
  boolean allows(double result, float[] bias, int column, float min, float max) {
    double exact = sum;
    double bound = count * 0x1p-23 * magnitude;
    if (bias != null) {
      exact += bias[column];
      bound += (Math.abs(exact) + bound) * 0x1p-24;
    }
    double difference = Math.abs(result - Math.min(Math.max(exact, min), max));
    // Denormals have no relative precision: each operation may lose half of the smallest one.
    return difference <= bound + count * (double) Float.MIN_VALUE;
  }
}
