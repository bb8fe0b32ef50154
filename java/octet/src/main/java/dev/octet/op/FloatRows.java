package dev.octet.op;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/**
 * Product of float rows with fixed quantized weights: the runs of {@link DynamicMatMul} and
 * {@link WeightOnlyMatMul}.
 */
abstract sealed class FloatRows extends Op permits DynamicMatMul, WeightOnlyMatMul {
  private final FloatMatMulKernel kernel;
  private final int k;
  private final int n;

  FloatRows(Prepared<FloatMatMulKernel> prepared, int k, int n) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.k = k;
    this.n = n;
  }

  /**
   * Multiplies dense rows.
   *
   * @param x {@code [rows][K]} of F32
   * @param y takes {@code [rows][N]} of F32; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, or x and y
   *         overlap
   * @throws IllegalStateException if this op is closed
   */
  public final void run(MemorySegment x, MemorySegment y, int rows) {
    run(x, k, y, n, rows);
  }

  /**
   * Multiplies rows that are a stride apart.
   *
   * @param x rows of K elements of F32
   * @param xStride distance from one row of x to the next in elements, K or more
   * @param y takes rows of N elements of F32; shares no byte with x; bytes between the rows are not written
   * @param yStride distance from one row of y to the next in elements, N or more
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a stride is shorter than a row, a segment is too
   *         small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public final void run(MemorySegment x, long xStride, MemorySegment y, long yStride, int rows) {
    Checks.notNegative("rows", rows);
    long xBytes = Checks.extent("x", rows, Checks.stride("x", xStride, k), k, Float.BYTES);
    long yBytes = Checks.extent("y", rows, Checks.stride("y", yStride, n), n, Float.BYTES);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    int ticket = enter();
    try {
      kernel.run(x, xStride, y, yStride, rows);
    } finally {
      exit(ticket);
    }
  }
}
