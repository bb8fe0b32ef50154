package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.engine.QuantizeKernel;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Elementwise conversion: the runs of {@link Quantize} and {@link Dequantize}. */
abstract sealed class ElementConversion extends Op permits Quantize, Dequantize {
  private final QuantizeKernel kernel;
  private final Quantization quantization;
  private final DataType from;
  private final DataType to;

  ElementConversion(Prepared<QuantizeKernel> prepared, Quantization quantization, DataType from,
      DataType to) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.quantization = quantization;
    this.from = from;
    this.to = to;
  }

  /**
   * Converts elements that share one scale and zero point.
   *
   * @param x n elements, dense; 4-bit elements two to a byte, low nibble first
   * @param y takes n elements in the same order; shares no byte with x. The unused half of the last byte is
   *        set to 0
   * @param n the number of elements, 0 or more
   * @throws IllegalArgumentException if n is negative, a segment is too small, y is read-only, or x and y
   *         overlap
   * @throws IllegalStateException if this op is closed, or was prepared with scales per channel or per group
   */
  public final void run(MemorySegment x, MemorySegment y, long n) {
    if (quantization.granularity() != Granularity.PER_TENSOR) {
      throw new IllegalStateException("this op was prepared " + quantization + ": run needs a shape");
    }
    convert(x, y, Checks.notNegative("n", n), 1, n, 1);
  }

  /**
   * Converts the elements of a tensor.
   *
   * @param x the elements in row-major order, dense; 4-bit elements two to a byte, low nibble first, without
   *        padding between rows
   * @param y takes as many elements in the same order; shares no byte with x. The unused half of the last
   *        byte is set to 0
   * @param shape the shape of x and y; scales per channel or per group must fit it
   * @throws IllegalArgumentException if the scales do not fit the shape, a segment is too small, y is
   *         read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed
   */
  public final void run(MemorySegment x, MemorySegment y, Shape shape) {
    Objects.requireNonNull(shape, "shape");
    quantization.checkShape("shape", shape);
    long n = shape.elements();
    if (n == 0 || quantization.granularity() == Granularity.PER_TENSOR) {
      convert(x, y, n, 1, n, 1);
    } else {
      int axis = quantization.axis();
      convert(x, y, n, Operands.outer(shape, axis), shape.dim(axis), Operands.inner(shape, axis));
    }
  }

  private void convert(MemorySegment x, MemorySegment y, long n, long outer, long axis, long inner) {
    long xBytes = Operands.bytes("x", from, n);
    long yBytes = Operands.bytes("y", to, n);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    int ticket = enter();
    try {
      kernel.run(x, y, outer, axis, inner);
    } finally {
      exit(ticket);
    }
  }
}
