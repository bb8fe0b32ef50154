package dev.octet.engine;

/**
 * Layer norm of rows.
 *
 * @param weights one for each column
 * @param bias one for each column
 * @param epsilon added to the variance
 */
public record LayerNormSpec(float[] weights, float[] bias, float epsilon) {
  /**
   * Returns the length of a row.
   *
   * @return the number of weights
   */
  public int columns() {
    return weights.length;
  }
}
