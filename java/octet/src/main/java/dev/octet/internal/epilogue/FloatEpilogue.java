package dev.octet.internal.epilogue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** From scaled float sums to the output of an op: bias, a rounding of its own, then the clamp. */
public final class FloatEpilogue {
  private final float[] bias;
  private final float min;
  private final float max;

  /**
   * The epilogue of a product with float results.
   *
   * @param bias one a column, or null
   * @param min the smallest result, -Infinity without a clamp
   * @param max the largest result, Infinity without a clamp
   */
  public FloatEpilogue(float[] bias, float min, float max) {
    this.bias = bias;
    this.min = min;
    this.max = max;
  }

  /**
   * Turns the sums of a tile into results.
   *
   * @param staging arrays of the running tile; what it says of operands is neither read nor changed
   * @param sums of the tile, from 0 on
   * @param stride from one row of sums to the next
   * @param rows rows of the tile
   * @param c0 the first column of the tile
   * @param c1 one behind its last column
   * @param dst where the results go, native or heap, unaligned
   * @param offset elements before the first row and column 0
   * @param dstStride elements from one row of results to the next
   */
  public void apply(Staging staging, float[] sums, int stride, int rows, int c0, int c1, MemorySegment dst,
      long offset, long dstStride) {
    float[] chunk = staging.floats;
    for (int c = c0; c < c1; c += Staging.CHUNK) {
      int width = Math.min(Staging.CHUNK, c1 - c);
      for (int row = 0; row < rows; row++) {
        System.arraycopy(sums, row * stride + c - c0, chunk, 0, width);
        if (bias != null) {
          Loops.addFrom(bias, c, chunk, width);
        }
        if (min != Float.NEGATIVE_INFINITY) {
          Loops.atLeast(min, chunk, width);
        }
        if (max != Float.POSITIVE_INFINITY) {
          Loops.atMost(max, chunk, width);
        }
        MemorySegment.copy(chunk, 0, dst, ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * (offset + row * dstStride + c), width);
      }
    }
  }
}
