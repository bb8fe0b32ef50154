package dev.octet.op;

import dev.octet.engine.FloatMatMulKernel;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/** Float rows times fixed quantized weights, float out: how both products of this kind are run. */
abstract sealed class FloatRows extends Op permits DynamicMatMul, WeightOnlyMatMul {
  private final FloatMatMulKernel kernel;
  private final int k;
  private final int n;

  FloatRows(Prepared<FloatMatMulKernel> prepared, FloatMatMulSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.k = spec.weights().k();
    this.n = spec.weights().n();
  }

  /**
   * Multiplies dense rows.
   *
   * @param x {@code [rows][K]} floats, may be unaligned
   * @param y {@code [rows][N]} floats, may be unaligned; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, or they overlap
   * @throws IllegalStateException if this op is closed
   */
  public final void run(MemorySegment x, MemorySegment y, int rows) {
    run(x, k, y, n, rows);
  }

  /**
   * Multiplies rows with gaps between them.
   *
   * @param x rows of K floats, may be unaligned
   * @param xStride elements from one row of x to the next, at least K
   * @param y rows of N floats, may be unaligned; shares no byte with x; what lies between its rows is not
   *        touched
   * @param yStride elements from one row of y to the next, at least N
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, a stride too short, or they
   *         overlap
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
