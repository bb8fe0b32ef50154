package dev.octet.op;

import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Conversion of real numbers to U8 with scales and zero points chosen from the range of the numbers, per row
 * or for the whole tensor. The range from min to max is widened to hold 0, {@code scale = (max - min) / 255},
 * {@code zeroPoint = rint(saturate(0 - min / scale))}, and the numbers are quantized as {@link Quantize}
 * does. The arithmetic is that of ONNX DynamicQuantizeLinear.
 *
 * <p>
 * If there are no numbers, all are 0, or they are so small that the scale would be 0, the scale is 1 and the
 * zero point 0. If a number is NaN or infinite, or the range overflows binary32, the scale is NaN or
 * Infinity, and zero point and integers are 0, so that such a row dequantizes to NaN, as it would be in float
 * arithmetic. ONNX leaves both cases open; ONNX Runtime differs where the scale would be 0 or a row holds a
 * NaN.
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
   * Quantizes dense rows. No two of the segments may share a byte.
   *
   * @param x {@code [rows][columns]} of F32
   * @param y takes {@code [rows][columns]} of U8
   * @param scales takes F32 scales: one per row, or one for all rows with {@link Builder#perTensor()}
   * @param zeroPoints takes S32 zero points, as many as scales
   * @param rows the number of rows, 0 or more
   * @param columns the length of a row, 0 or more
   * @throws IllegalArgumentException if a size is negative, a segment is too small, y, scales or zeroPoints
   *         is read-only, or two segments overlap
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

  /**
   * Builder for {@link DynamicQuantize}; made by {@link dev.octet.Octet#dynamicQuantize()}. Not safe for use
   * by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable Boolean perRow;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#dynamicQuantize()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets a scale and a zero point for each row.
     *
     * @return this
     */
    public Builder perRow() {
      this.perRow = true;
      return this;
    }

    /**
     * Sets one scale and zero point for all rows.
     *
     * @return this
     */
    public Builder perTensor() {
      this.perRow = false;
      return this;
    }

    /**
     * Chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if neither {@link #perRow()} nor {@link #perTensor()} was called
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public DynamicQuantize prepare() {
      boolean rows = Operands.given("perRow or perTensor", perRow);
      return new DynamicQuantize(dispatch.prepare("dynamicQuantize", backend -> backend.dynamicQuantize()),
          rows);
    }
  }
}
