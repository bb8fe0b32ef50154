package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;

/**
 * Converts elements. Floats lose their fraction on the way to integers; bits that an integer has no place for
 * are cut off; what is not 0 is true. Floats beyond an integer type, which ONNX leaves open, become the
 * nearest number of 64 bits, or of 32 for I32, and NaN 0, before that.
 *
 * @param to the element type of the result
 */
record Cast(ElementType to) implements Op {
  static Cast read(Attributes attributes) {
    attributes.ignore("saturate"); // of floats of 8 bits only
    long number = attributes.integer("to", 0);
    ElementType type = Tensors.type((int) number);
    if (type == ElementType.OTHER || number != (int) number) {
      throw new UnsupportedOperationException("attribute to: element type " + number + " is not offered");
    }
    return new Cast(type);
  }

  @Override
  public String type() {
    return "Cast";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, EnumSet.complementOf(EnumSet.of(ElementType.OTHER)));
    return List.of(Known.shaped(to, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.getFirst());
  }

  private Step plan(Known input) {
    long elements = input.elements();
    ElementType type = input.type();
    if (type == to) {
      return (in, out, scratch) -> MemorySegment.copy(in[0], 0, out[0], 0, elements * type.bytes());
    }
    if (to == ElementType.F32) {
      return (in, out, scratch) -> {
        for (long i = 0; i < elements; i++) {
          out[0].set(Elements.FLOAT, 4 * i, (float) Elements.integer(in[0], type, i));
        }
      };
    }
    return (in, out, scratch) -> {
      for (long i = 0; i < elements; i++) {
        Elements.put(out[0], to, i, type == ElementType.F32
            ? integer(Elements.real(in[0], i))
            : integer(Elements.integer(in[0], type, i)));
      }
    };
  }

  private long integer(float x) {
    return to == ElementType.BOOL ? x != 0 ? 1 : 0 : to == ElementType.I64 ? (long) x : (int) x;
  }

  private long integer(long x) {
    return to == ElementType.BOOL && x != 0 ? 1 : x;
  }
}
