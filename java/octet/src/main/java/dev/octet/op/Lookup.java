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
 * A function of 8-bit values as a table of 256 entries, and so exact on every engine. The table of an
 * activation is built once in binary64: {@code y = saturate(rint(f(sx * (q - zx)) / sy) + zy)}; where f gives
 * NaN it holds the smallest integer of the type.
 */
public final class Lookup extends Op {
  private final LookupKernel kernel;

  private Lookup(Prepared<LookupKernel> prepared) {
    super(prepared);
    this.kernel = prepared.kernel();
  }

  /**
   * For {@link dev.octet.Octet#lookup}.
   *
   * @param dispatch finds the kernel
   * @param inputType U8 or S8
   * @param input per tensor
   * @param outputType U8 or S8
   * @param output per tensor
   * @param function applied to real numbers
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
   * For {@link dev.octet.Octet#requantize(DataType, Quantization, DataType, Quantization)}.
   *
   * @param dispatch finds the kernel
   * @param inputType U8 or S8
   * @param input per tensor
   * @param outputType U8 or S8
   * @param output per tensor
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
   * Looks up.
   *
   * @param x n bytes
   * @param y n bytes; the same memory as x, or of its own
   * @param n the number of elements, 0 or more
   * @throws IllegalArgumentException if n is negative, a segment is too small or read-only, or they overlap
   *         in part
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
