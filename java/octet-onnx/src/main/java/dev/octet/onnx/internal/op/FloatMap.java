package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/** An operator that makes a float of each float. */
interface FloatMap extends Op {
  /** A loop over floats. */
  @FunctionalInterface
  interface Loop {
    /** Computes n floats of x. */
    void floats(float[] x, float[] y, int n);
  }

  /** Computes a part of all elements. */
  void floats(float[] x, float[] y, int n);

  @Override
  default List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, inputs.getFirst().dims()));
  }

  @Override
  default Kernel kernel(Octet octet, List<Known> inputs) {
    Loop loop = this::floats;
    return (in, out) -> {
      long elements = in.getFirst().elements();
      return (from, to, scratch) -> run(from[0], to[0], elements, scratch, loop);
    };
  }

  /** Computes all elements, in parts that stay in a first cache. */
  static void run(MemorySegment from, MemorySegment to, long elements, Scratch scratch, Loop loop) {
    float[] x = scratch.floats(0, Rows.LONGEST);
    float[] y = scratch.floats(1, Rows.LONGEST);
    for (long first = 0; first < elements; first += Rows.LONGEST) {
      int count = (int) Math.min(Rows.LONGEST, elements - first);
      MemorySegment.copy(from, Elements.FLOAT, 4 * first, x, 0, count);
      loop.floats(x, y, count);
      MemorySegment.copy(y, 0, to, Elements.FLOAT, 4 * first, count);
    }
  }
}
