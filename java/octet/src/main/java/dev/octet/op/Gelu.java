package dev.octet.op;

import dev.octet.GeluForm;
import dev.octet.engine.GeluKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * GELU of floats, element by element, by a {@link GeluForm}. Every engine returns the same bits, within
 * {@code 2^-22 * |x|} of the real function. Negative infinity and NaN give NaN.
 */
public final class Gelu extends Op {
  private final GeluKernel kernel;

  private Gelu(Prepared<GeluKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * Prepares a GELU. For internal use: applications call {@link dev.octet.Octet#gelu}.
   *
   * @param dispatch chooses the engine and the kernel
   * @param form by the error function or the hyperbolic tangent
   * @return the op
   */
  @SuppressWarnings("exports")
  public static Gelu prepare(Dispatch dispatch, GeluForm form) {
    Objects.requireNonNull(form, "form");
    return new Gelu(dispatch.prepare("gelu", backend -> backend.gelu(form)));
  }

  /**
   * Applies the function to each element.
   *
   * @param x n elements of F32
   * @param y takes n elements of F32; either the same memory as x or without any byte in common with it
   * @param n the number of elements, 0 or more
   * @throws IllegalArgumentException if n is negative, a segment is too small, y is read-only, or x and y
   *         overlap in part
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, long n) {
    Checks.notNegative("n", n);
    long bytes = Checks.product("x", n, Float.BYTES);
    Checks.readable("x", x, bytes);
    Checks.writable("y", y, bytes);
    Checks.sameOrDisjoint("x", x, "y", y, bytes);
    int ticket = enter();
    try {
      kernel.run(x, y, n);
    } finally {
      exit(ticket);
    }
  }
}
