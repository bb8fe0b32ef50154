package dev.octet.op;

import dev.octet.engine.SoftmaxKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Softmax of rows of floats: {@code y[i] = e^(x[i] - max) / sum(e^(x - max))}, of scores that are multiplied
 * with a scale and, on request, added to a mask, as attention has it. Every engine returns the same bits; a
 * row with a NaN or an infinity that is not negative, and a row of negative infinities, is NaN.
 *
 * <p>
 * The relative error is at most {@code (88 + columns / 64 + 16) * 2^-24}; probabilities below {@code e^-87.7}
 * of the largest are 0.
 */
public final class Softmax extends Op {
  private final SoftmaxKernel kernel;

  private Softmax(Prepared<SoftmaxKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * Makes probabilities of dense rows.
   *
   * @param x {@code [rows][columns]} of F32
   * @param y takes {@code [rows][columns]} of F32; either the same memory as x or without any byte in common
   *        with it
   * @param rows the number of rows, 0 or more
   * @param columns the length of a row, 0 or more
   * @throws IllegalArgumentException if a size is negative, a segment is too small, y is read-only, or x and
   *         y overlap in part
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, long rows, int columns) {
    long bytes = checked(x, y, rows, columns);
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
    work(x, null, y, rows, columns);
  }

  /**
   * Makes probabilities of dense rows that a mask is added to.
   *
   * @param x {@code [rows][columns]} of F32
   * @param mask {@code [columns]} of F32, added to every row after the scale; shares no byte with y
   * @param y takes {@code [rows][columns]} of F32; either the same memory as x or without any byte in common
   *        with it
   * @param rows the number of rows, 0 or more
   * @param columns the length of a row, 0 or more
   * @throws IllegalArgumentException if a size is negative, a segment is too small, y is read-only, x and y
   *         overlap in part, or mask and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment mask, MemorySegment y, long rows, int columns) {
    long bytes = checked(x, y, rows, columns);
    long maskBytes = (long) Float.BYTES * columns;
    Checks.readable("mask", mask, maskBytes);
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
    Checks.disjoint("mask", mask, maskBytes, "y", y, bytes);
    work(x, mask, y, rows, columns);
  }

  private static long checked(MemorySegment x, MemorySegment y, long rows, int columns) {
    Checks.notNegative("rows", rows);
    Checks.notNegative("columns", columns);
    long bytes = Checks.product("x", Checks.product("x", rows, columns), Float.BYTES);
    Checks.readable("x", x, bytes);
    Checks.writable("y", y, bytes);
    return bytes;
  }

  @SuppressWarnings("NullAway") // the kernel takes no mask as null
  private void work(MemorySegment x, @Nullable MemorySegment mask, MemorySegment y, long rows, int columns) {
    int ticket = enter();
    try {
      kernel.run(x, mask, y, rows, columns);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link Softmax}; made by {@link dev.octet.Octet#softmax()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private float scale = 1;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#softmax()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets what scores are multiplied with, as {@code 1 / sqrt(size of a head)}; 1 where it is not set.
     *
     * @param scale a finite number
     * @return this
     * @throws IllegalArgumentException if it is not finite
     */
    public Builder scale(float scale) {
      if (!Float.isFinite(scale)) {
        throw new IllegalArgumentException("scale: expected a finite number, got " + scale);
      }
      this.scale = scale;
      return this;
    }

    /**
     * Chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Softmax prepare() {
      float factor = scale;
      return new Softmax(dispatch.prepare("softmax", backend -> backend.softmax(factor)));
    }
  }
}
