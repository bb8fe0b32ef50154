package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The largest or the smallest of the elements of any number of tensors, broadcast to each other.
 *
 * @param max whether the largest
 */
record Extreme(boolean max) implements Op {
  private static final Set<ElementType> TYPES = Set.of(ElementType.F32, ElementType.I64, ElementType.I32,
      ElementType.I8, ElementType.U8);

  @Override
  public String type() {
    return max ? "Max" : "Min";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, Math.max(1, inputs.size()), Integer.MAX_VALUE);
    Inputs.type(inputs, 0, TYPES);
    long[] dims = inputs.getFirst().dims();
    for (int i = 1; i < inputs.size(); i++) {
      Inputs.sameType(inputs, 0, i);
      dims = Dims.broadcast(dims, inputs.get(i).dims());
    }
    return List.of(Known.shaped(inputs.getFirst().type(), dims));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in, out.getFirst());
  }

  /** The first input is repeated, and each of the others compared with what is there. */
  private Step plan(List<Known> inputs, Known y) {
    ElementType type = y.type();
    Strided first = new Strided(y.dims(), Strided.broadcast(inputs.getFirst().dims(), y.dims()),
        type.bytes());
    List<Rows> others = new ArrayList<>();
    for (Known input : inputs.subList(1, inputs.size())) {
      others.add(new Rows(y, input, y));
    }
    return (in, out, scratch) -> {
      first.copy(in[0], 0, out[0]);
      for (int i = 0; i < others.size(); i++) {
        if (type == ElementType.F32) {
          floats(others.get(i), out[0], in[i + 1], scratch);
        } else {
          integers(others.get(i), out[0], in[i + 1], type);
        }
      }
    };
  }

  private void floats(Rows rows, MemorySegment y, MemorySegment other, Scratch scratch) {
    float[] a = scratch.floats(0, Rows.LONGEST);
    float[] b = scratch.floats(1, Rows.LONGEST);
    rows.forEach((from, fromOther, to, count) -> {
      Arithmetic.load(y, from, false, a, count);
      Arithmetic.load(other, fromOther, rows.isOneB(), b, count);
      if (max) {
        FloatFunctions.max(b, a, count);
      } else {
        FloatFunctions.min(b, a, count);
      }
      MemorySegment.copy(a, 0, y, Elements.FLOAT, 4 * to, count);
    });
  }

  private void integers(Rows rows, MemorySegment y, MemorySegment other, ElementType type) {
    rows.forEach((from, fromOther, to, count) -> {
      for (int i = 0; i < count; i++) {
        long a = Elements.integer(y, type, from + i);
        long b = Elements.integer(other, type, rows.isOneB() ? fromOther : fromOther + i);
        Elements.put(y, type, to + i, max ? Math.max(a, b) : Math.min(a, b));
      }
    });
  }
}
