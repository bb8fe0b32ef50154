package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/** Product of floats, of the last two axes. A matrix that is a constant is packed once. */
record MatMul() implements Op {
  @Override
  public String type() {
    return "MatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Inputs.type(inputs, 1, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, Products.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known right = inputs.get(1);
    boolean packs = right.isConstant() && right.rank() == 2;
    FloatPanels packed = packs ? FloatPanels.pack(right.data(), right.dims()[0], right.dims()[1]) : null;
    return new Kernel() {
      @Override
      public Step plan(List<Known> in, List<Known> out) {
        return product(new Products(in.get(0), in.get(1)), packed);
      }

      @Override
      public boolean reads(int input) {
        return input == 0 || packed == null;
      }
    };
  }

  private static Step product(Products sizes, FloatPanels packed) {
    if (packed != null) {
      // All matrices on the left are one, of more rows.
      return (in, out, scratch) -> packed.multiply(in[0], out[0], sizes.batch() * sizes.m(),
          FloatPanels.Bias.NONE, scratch);
    }
    return (in, out, scratch) -> {
      MemorySegment left = in[0];
      for (long b = 0; b < sizes.batch(); b++) {
        FloatPanels.multiply(left, sizes.left(b) * sizes.m() * sizes.k(), in[1],
            sizes.right(b) * sizes.k() * sizes.n(), out[0], b * sizes.m() * sizes.n(), sizes,
            FloatPanels.Bias.NONE, scratch);
      }
    };
  }
}
