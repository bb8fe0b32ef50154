package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Limits elements to two bounds; where the lower one is above the upper one, to the upper one.
 *
 * @param byInputs whether the bounds are inputs, each of which may be left out
 * @param min the lower bound of older opsets
 * @param max the upper one
 */
public record Clip(boolean byInputs, float min, float max) implements Op {
  private static final Set<ElementType> TYPES = Set.of(ElementType.F32, ElementType.I64, ElementType.I32,
      ElementType.I8, ElementType.U8);

  static Clip read(Attributes attributes) {
    return attributes.opset() >= 11
        ? new Clip(true, 0, 0)
        : new Clip(false, attributes.real("min", -Float.MAX_VALUE), attributes.real("max", Float.MAX_VALUE));
  }

  @Override
  public String type() {
    return "Clip";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, byInputs ? 3 : 1);
    Inputs.type(inputs, 0, byInputs ? TYPES : Set.of(ElementType.F32));
    for (int i = 1; i < inputs.size(); i++) {
      if (inputs.get(i) != null) {
        Inputs.sameType(inputs, 0, i);
        Inputs.scalar(inputs, i);
      }
    }
    return List.of(Known.shaped(inputs.getFirst().type(), inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst());
  }

  private Step plan(Known x) {
    long elements = x.elements();
    ElementType type = x.type();
    if (type == ElementType.F32) {
      return (in, out, scratch) -> floats(in, out[0], elements, scratch);
    }
    return (in, out, scratch) -> {
      MemorySegment low = bound(in, 1);
      MemorySegment high = bound(in, 2);
      long least = low == null ? Long.MIN_VALUE : Elements.integer(low, type, 0);
      long most = high == null ? Long.MAX_VALUE : Elements.integer(high, type, 0);
      for (long i = 0; i < elements; i++) {
        Elements.put(out[0], type, i, Math.min(Math.max(Elements.integer(in[0], type, i), least), most));
      }
    };
  }

  private static MemorySegment bound(MemorySegment[] in, int index) {
    return index < in.length ? in[index] : null;
  }

  private void floats(MemorySegment[] in, MemorySegment out, long elements, Scratch scratch) {
    MemorySegment low = bound(in, 1);
    MemorySegment high = bound(in, 2);
    float least = !byInputs ? min : low == null ? Float.NEGATIVE_INFINITY : Elements.real(low, 0);
    float most = !byInputs ? max : high == null ? Float.POSITIVE_INFINITY : Elements.real(high, 0);
    FloatMap.run(in[0], out, elements, scratch, (x, y, n) -> limit(x, least, most, y, n));
  }

  /** Limits n floats. */
  static void limit(float[] x, float least, float most, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.min(Math.max(x[i], least), most);
    }
  }
}
