package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.LookupKernel;
import dev.octet.engine.Numbers;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * Function of 8-bit values by a table of 256 entries, with the same results on every engine. The table of an
 * activation is computed once in binary64: {@code y = saturate(rint(f(sx * (q - zx)) / sy) + zy)}; where f
 * returns NaN, the entry is the smallest integer of the output type.
 */
public final class Lookup extends Op {
  private final LookupKernel kernel;

  private Lookup(Prepared<LookupKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * Prepares a table of a function of real numbers. For internal use: applications call
   * {@link dev.octet.Octet#lookup}.
   *
   * @param dispatch chooses the engine and the kernel
   * @param inputType the input type, U8 or S8
   * @param input scale and zero point of the input, per tensor
   * @param outputType the output type, U8 or S8
   * @param output scale and zero point of the output, per tensor
   * @param function maps real numbers to real numbers
   * @return the op
   */
  @SuppressWarnings("exports")
  public static Lookup activation(Dispatch dispatch, DataType inputType, Quantization input,
      DataType outputType, Quantization output, DoubleUnaryOperator function) {
    ActivationSpec from = from(inputType, input);
    ActivationSpec to = to(outputType, output);
    Objects.requireNonNull(function, "function");
    return prepare("lookup", dispatch, inputType, q -> {
      double real = (double) from.scale() * (q - from.zeroPoint());
      double rounded = Math.rint(function.applyAsDouble(real) / to.scale()) + to.zeroPoint();
      return Double.isNaN(rounded)
          ? outputType.min()
          : (int) Math.clamp(rounded, outputType.min(), outputType.max());
    });
  }

  /**
   * Prepares a table that requantizes. For internal use: applications call
   * {@link dev.octet.Octet#requantize(DataType, Quantization, DataType, Quantization)}.
   *
   * @param dispatch chooses the engine and the kernel
   * @param inputType the input type, U8 or S8
   * @param input scale and zero point of the input, per tensor
   * @param outputType the output type, U8 or S8
   * @param output scale and zero point of the output, per tensor
   * @return the op
   */
  @SuppressWarnings("exports")
  public static Lookup requantize(Dispatch dispatch, DataType inputType, Quantization input,
      DataType outputType, Quantization output) {
    ActivationSpec from = from(inputType, input);
    ActivationSpec to = to(outputType, output);
    return prepare("requantize", dispatch, inputType,
        q -> Numbers.quantize(Numbers.dequantize(q, from.scale(), from.zeroPoint()), to.scale(),
            to.zeroPoint(), outputType));
  }

  private static ActivationSpec from(DataType inputType, Quantization input) {
    return Operands.activation("input", Objects.requireNonNull(inputType, "inputType"), input);
  }

  private static ActivationSpec to(DataType outputType, Quantization output) {
    return Operands.activation("output", Objects.requireNonNull(outputType, "outputType"), output);
  }

  private static Lookup prepare(String op, Dispatch dispatch, DataType inputType, IntUnaryOperator entry) {
    byte[] table = new byte[256];
    for (int q = inputType.min(); q <= inputType.max(); q++) {
      table[q & 0xff] = (byte) entry.applyAsInt(q);
    }
    return new Lookup(dispatch.prepare(op, backend -> backend.lookup(table)));
  }

  /**
   * Replaces each element by its entry of the table.
   *
   * @param x n elements of the input type, one byte each
   * @param y takes n elements of the output type, one byte each; either the same memory as x or without any
   *        byte in common with it
   * @param n the number of elements, 0 or more
   * @throws IllegalArgumentException if n is negative, a segment is too small, y is read-only, or x and y
   *         overlap in part
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment x, MemorySegment y, long n) {
    Checks.notNegative("n", n);
    Checks.readable("x", x, n);
    Checks.writable("y", y, n);
    Checks.sameOrDisjoint("x", x, "y", y, n);
    int ticket = enter();
    try {
      kernel.run(x, y, n);
    } finally {
      exit(ticket);
    }
  }
}
