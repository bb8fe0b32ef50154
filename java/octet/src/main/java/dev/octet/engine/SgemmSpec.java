package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Product of floats. Each sum begins with 0, a number of its column or row, or what the result holds, and
 * adds its products by fused multiply-add in ascending order of K. At most one of bias, rowBias and
 * accumulate is given.
 *
 * @param weights the fixed right operand, dense, F32; null where each run brings one
 * @param k rows of the weights
 * @param n columns of the weights
 * @param rightTransposed whether the right operand is {@code [n][k]}
 * @param bias what the sums begin with, one for each column of the weights; null: 0
 * @param rowBias what the sums begin with, one for each row of the left operand; null: 0
 * @param accumulate whether the sums begin with what the result holds
 */
@SuppressWarnings("exports") // of an annotation, see module-info
public record SgemmSpec(@Nullable MemorySegment weights, int k, int n, boolean rightTransposed,
    float @Nullable [] bias, float @Nullable [] rowBias, boolean accumulate) {
  /**
   * Returns where an element of the weights is.
   *
   * @param row 0 to k - 1
   * @param column 0 to n - 1
   * @return its index
   */
  public long at(int row, int column) {
    return rightTransposed ? (long) column * k + row : (long) row * n + column;
  }
}
