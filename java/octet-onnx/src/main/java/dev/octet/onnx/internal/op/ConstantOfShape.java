package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.TensorProto;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor of one number, of a shape that is given.
 *
 * @param value a tensor of one element
 */
record ConstantOfShape(Known value) implements Op {
  static ConstantOfShape read(Attributes attributes) {
    TensorProto tensor = attributes.tensor("value");
    if (tensor == null) {
      return new ConstantOfShape(
          new Known(ElementType.F32, new long[]{1}, MemorySegment.ofArray(new float[1])));
    }
    Known value = Tensors.known(tensor);
    if (value.type() == ElementType.OTHER) {
      throw new UnsupportedOperationException("elements of the type of value are not offered");
    }
    if (value.elements() != 1) {
      throw new IllegalArgumentException("attribute value: expected one element, got " + value);
    }
    return new ConstantOfShape(value.copied());
  }

  @Override
  public String type() {
    return "ConstantOfShape";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    long[] dims = Inputs.lengths(inputs, 0);
    int rank = Inputs.length(inputs, 0);
    return List.of(Known.shaped(value.type(), dims != null ? dims : rank < 0 ? null : Dims.unknown(rank)));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      long[] dims = out.getFirst().dims();
      Strided copy = new Strided(dims, new long[dims.length], value.type().bytes());
      return (from, to, scratch) -> copy.copy(value.data(), 0, to[0]);
    };
  }
}
