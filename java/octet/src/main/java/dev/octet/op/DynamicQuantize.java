package dev.octet.op;

import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;

/**
 * Real numbers to U8 with parameters taken from the numbers themselves, one scale and zero point a row or one
 * for the whole tensor: min and max widened to hold 0, {@code scale = (max - min) / 255},
 * {@code zeroPoint = rint(saturate(0 - min / scale))}, then as {@link Quantize}. The arithmetic is that of
 * ONNX DynamicQuantizeLinear.
 *
 * <p>
 * Zeros alone, no numbers at all, and numbers so small that the scale would be 0 have scale 1 and zero point
 * 0. A NaN, an infinity or a range that overflows binary32 makes the scale NaN or Infinity, and zero point
 * and integers 0: dequantized such a row is NaN, as it would be in float arithmetic. ONNX leaves both open,
 * and ONNX Runtime answers otherwise where the scale would be 0 or a row holds a NaN.
 */
public final class DynamicQuantize extends Op {
  private final DynamicQuantizeKernel kernel;
  private final boolean perRow;

  private DynamicQuantize(Prepared<DynamicQuantizeKernel> prepared, boolean perRow) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.perRow = perRow;
  }

  /**
   * Quantizes dense rows. Nothing may share a byte with anything else.
   *
   * @param x {@code [rows][columns]} of F32, unaligned
   * @param y {@code [rows][columns]} of U8
   * @param scales takes F32, unaligned: one a row, or one for all rows after {@link Builder#perTensor()}
   * @param zeroPoints takes S32, unaligned, as many
   * @param rows the number of rows, 0 or more
   * @param columns the length of a row, 0 or more
   * @throws IllegalArgumentException if a size is negative, a segment is too small or read-only, or two of
   *         them overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, MemorySegment scales, MemorySegment zeroPoints, int rows,
      int columns) {
    Checks.notNegative("rows", rows);
    Checks.notNegative("columns", columns);
    long elements = (long) rows * columns;
    long xBytes = Checks.product("x", elements, 4);
    long parameterBytes = perRow ? 4L * rows : 4;
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, elements);
    Checks.writable("scales", scales, parameterBytes);
    Checks.writable("zeroPoints", zeroPoints, parameterBytes);
    Checks.disjoint("x", x, xBytes, "y", y, elements);
    Checks.disjoint("x", x, xBytes, "scales", scales, parameterBytes);
    Checks.disjoint("x", x, xBytes, "zeroPoints", zeroPoints, parameterBytes);
    Checks.disjoint("y", y, elements, "scales", scales, parameterBytes);
    Checks.disjoint("y", y, elements, "zeroPoints", zeroPoints, parameterBytes);
    Checks.disjoint("scales", scales, parameterBytes, "zeroPoints", zeroPoints, parameterBytes);
    int ticket = enter();
    try {
      if (perRow) {
        kernel.run(x, y, scales, zeroPoints, rows, columns);
      } else {
        kernel.run(x, y, scales, zeroPoints, 1, elements);
      }
    } finally {
      exit(ticket);
    }
  }

  /** What a dynamic quantize is to be; made by {@link dev.octet.Octet#dynamicQuantize()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private Boolean perRow;

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * A scale and a zero point for each row.
     *
     * @return this
     */
    public Builder perRow() {
      this.perRow = true;
      return this;
    }

    /**
     * One scale and zero point for all rows.
     *
     * @return this
     */
    public Builder perTensor() {
      this.perRow = false;
      return this;
    }

    /**
     * Chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if neither {@link #perRow()} nor {@link #perTensor()} was called
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public DynamicQuantize prepare() {
      boolean rows = Operands.given("perRow or perTensor", perRow);
      return new DynamicQuantize(dispatch.prepare("dynamicQuantize", backend -> backend.dynamicQuantize()),
          rows);
    }
  }
}
