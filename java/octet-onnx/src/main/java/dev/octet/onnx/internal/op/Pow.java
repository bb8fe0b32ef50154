package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/** Floats to powers: of 2 by a product, of others as {@link Math#pow} has it. */
record Pow() implements Op {
  @Override
  public String type() {
    return "Pow";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32, ElementType.I64, ElementType.I32));
    return List.of(Known.shaped(ElementType.F32, Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Rows rows = new Rows(in.get(0), in.get(1), out.getFirst());
      ElementType exponents = in.get(1).type();
      return (from, to, scratch) -> run(rows, exponents, from, to[0], scratch);
    };
  }

  private static void run(Rows rows, ElementType exponents, MemorySegment[] in, MemorySegment out,
      Scratch scratch) {
    float[] x = scratch.floats(0, Rows.LONGEST);
    float[] y = scratch.floats(1, Rows.LONGEST);
    rows.forEach((fromA, fromB, to, count) -> {
      Arithmetic.load(in[0], fromA, rows.isOneA(), x, count);
      if (rows.isOneB()) {
        floats(x, exponent(in[1], exponents, fromB), y, count);
      } else {
        for (int i = 0; i < count; i++) {
          y[i] = (float) Math.pow(x[i], exponent(in[1], exponents, fromB + i));
        }
      }
      MemorySegment.copy(y, 0, out, Elements.FLOAT, 4 * to, count);
    });
  }

  /** Powers of n floats. */
  static void floats(float[] x, double exponent, float[] y, int n) {
    if (exponent == 2) {
      FloatFunctions.square(x, y, n);
    } else {
      for (int i = 0; i < n; i++) {
        y[i] = (float) Math.pow(x[i], exponent);
      }
    }
  }

  private static double exponent(MemorySegment from, ElementType type, long index) {
    return type == ElementType.F32 ? Elements.real(from, index) : Elements.integer(from, type, index);
  }
}
