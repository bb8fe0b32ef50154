package dev.octet.op;

import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm of rows of floats: {@code y = (x - mean) / sqrt(variance + epsilon) * weights + bias}, with mean
 * and variance of each row, and on request of the sum of a row and a residual. Every engine returns the same
 * bits. A row with a NaN or an infinity is NaN.
 */
public final class LayerNorm extends Op {
  private final LayerNormKernel kernel;
  private final int columns;

  private LayerNorm(Prepared<LayerNormKernel> prepared, int columns) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.columns = columns;
  }

  /**
   * Normalizes dense rows.
   *
   * @param x {@code [rows][columns]} of F32
   * @param y takes {@code [rows][columns]} of F32; either the same memory as x or without any byte in common
   *        with it
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, or x and y
   *         overlap in part
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, long rows) {
    long bytes = checked(x, y, rows);
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
    work(x, null, y, rows);
  }

  /**
   * Adds a residual to dense rows and normalizes the sums.
   *
   * @param x {@code [rows][columns]} of F32
   * @param residual {@code [rows][columns]} of F32; shares no byte with y
   * @param y takes {@code [rows][columns]} of F32; either the same memory as x or without any byte in common
   *        with it
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, x and y
   *         overlap in part, or residual and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment residual, MemorySegment y, long rows) {
    long bytes = checked(x, y, rows);
    Checks.readable("residual", residual, bytes);
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
    Checks.disjoint("residual", residual, bytes, "y", y, bytes);
    work(x, residual, y, rows);
  }

  private long checked(MemorySegment x, MemorySegment y, long rows) {
    Checks.notNegative("rows", rows);
    long bytes = Checks.product("x", Checks.product("x", rows, columns), Float.BYTES);
    Checks.readable("x", x, bytes);
    Checks.writable("y", y, bytes);
    return bytes;
  }

  @SuppressWarnings("NullAway") // the kernel takes no residual as null
  private void work(MemorySegment x, @Nullable MemorySegment residual, MemorySegment y, long rows) {
    int ticket = enter();
    try {
      kernel.run(x, residual, y, rows);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Returns the length of a row.
   *
   * @return floats
   */
  public int columns() {
    return columns;
  }

  /**
   * Builder for {@link LayerNorm}; made by {@link dev.octet.Octet#layerNorm()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private static final float EPSILON = 1e-5f;

    private final Dispatch dispatch;
    private float @Nullable [] weights;
    private float @Nullable [] bias;
    private float epsilon = EPSILON;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#layerNorm()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets what normalized elements are multiplied with, one number for each column; their count is the
     * length of a row.
     *
     * @param weights 1 or more finite numbers; copied
     * @return this
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public Builder weights(float... weights) {
      this.weights = Operands.finite("weights", weights);
      return this;
    }

    /**
     * Sets what is added to the products, one number for each column; 0 where it is not set.
     *
     * @param bias as many finite numbers as weights; copied
     * @return this
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public Builder bias(float... bias) {
      this.bias = Operands.finite("bias", bias);
      return this;
    }

    /**
     * Sets what is added to the variance; 10<sup>-5</sup> where it is not set.
     *
     * @param epsilon a finite number, 0 or more; with 0 a row of one number, repeated, is NaN
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder epsilon(float epsilon) {
      if (!(epsilon >= 0) || !Float.isFinite(epsilon)) {
        throw new IllegalArgumentException("epsilon: expected a finite number >= 0, got " + epsilon);
      }
      this.epsilon = epsilon;
      return this;
    }

    /**
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if the weights are missing, or the bias has another length
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public LayerNorm prepare() {
      float[] factors = Operands.given("weights", weights);
      float[] shifts = bias == null ? new float[factors.length] : bias;
      if (shifts.length != factors.length) {
        throw new IllegalArgumentException(
            "bias: expected " + factors.length + " numbers, as many as weights, got " + shifts.length);
      }
      LayerNormSpec spec = new LayerNormSpec(factors, shifts, epsilon);
      return new LayerNorm(dispatch.prepare("layerNorm", backend -> backend.layerNorm(spec)), factors.length);
    }
  }
}
