package dev.octet.internal.pack;

import dev.octet.DataType;
import dev.octet.engine.MatrixWeights;
import java.lang.foreign.MemorySegment;

/**
 * Weights of a product as signed bytes {@code w'}: S8 as they are, U8 minus 128, with the zero points moved
 * along, so that {@code w - zw = w' - zero point'}; and the sums that compensation needs. Scales and zero
 * points are per tensor or per column.
 */
public final class SignedWeights {
  private final int k;
  private final int n;
  private final int[] zeroPoints;
  private final int[] centredSums;
  private final boolean asymmetric;

  /**
   * Reads the weights once and writes them in the order of a product.
   *
   * @param weights S8 or U8, not per group
   * @param dst native, K x N bytes, dense; written
   */
  public SignedWeights(MatrixWeights weights, MemorySegment dst) {
    this.k = weights.k();
    this.n = weights.n();
    int shift = weights.type() == DataType.U8 ? 128 : 0;
    MemorySegment src = weights.tensor().data();
    if (weights.outIn()) {
      Transpose.bytes(src, dst, n, k);
    } else {
      MemorySegment.copy(src, 0, dst, 0, (long) k * n);
    }
    if (shift != 0) {
      Signs.flip(dst, 0, (long) k * n);
    }
    int[] sums = Sums.columns(dst, k, n);
    this.zeroPoints = new int[n];
    this.centredSums = new int[n];
    boolean any = false;
    for (int column = 0; column < n; column++) {
      int zeroPoint = weights.zeroPoint(0, column) - shift;
      zeroPoints[column] = zeroPoint;
      centredSums[column] = sums[column] - k * zeroPoint;
      any |= zeroPoint != 0;
    }
    this.asymmetric = any;
  }

  /** Input features. */
  public int k() {
    return k;
  }

  /** Output features. */
  public int n() {
    return n;
  }

  /** Whether any zero point of w' differs from 0. */
  public boolean asymmetric() {
    return asymmetric;
  }

  /** The zero point of w' of each column. Not a copy: read only. */
  public int[] zeroPoints() {
    return zeroPoints;
  }

  /** The sum over k of {@code w' - zero point'} of each column. Not a copy: read only. */
  public int[] centredSums() {
    return centredSums;
  }
}
