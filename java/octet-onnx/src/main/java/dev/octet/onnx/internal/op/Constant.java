package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A constant in the place of a node. */
record Constant(Known value) implements Op {
  static Op read(Attributes attributes) {
    if (attributes.has("value_int")) {
      return new Constant(longs(new long[0], attributes.integer("value_int", 0)));
    }
    if (attributes.has("value_ints")) {
      long[] values = attributes.integers("value_ints");
      return new Constant(longs(new long[]{values.length}, values));
    }
    if (attributes.has("value_float")) {
      return new Constant(floats(new long[0], attributes.real("value_float")));
    }
    if (attributes.has("value_floats")) {
      float[] values = attributes.reals("value_floats");
      return new Constant(floats(new long[]{values.length}, values));
    }
    if (!attributes.has("value")) {
      throw new UnsupportedOperationException("a constant that is no dense tensor of numbers is not offered");
    }
    return new Constant(Tensors.known(attributes.tensor("value")));
  }

  private static Known longs(long[] dims, long... values) {
    return new Known(ElementType.I64, dims, MemorySegment.ofArray(values));
  }

  private static Known floats(long[] dims, float... values) {
    return new Known(ElementType.F32, dims, MemorySegment.ofArray(values));
  }

  @Override
  public String type() {
    return "Constant";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 0, 0);
    return List.of(value);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    throw new IllegalStateException("a constant needs no kernel");
  }
}
