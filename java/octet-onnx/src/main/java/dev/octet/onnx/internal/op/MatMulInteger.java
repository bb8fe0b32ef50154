package dev.octet.onnx.internal.op;

import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Product of integers of 8 bits, in 32 bits. By Octet's {@link dev.octet.op.MatMul} where the right side is a
 * constant matrix, else in loops.
 */
record MatMulInteger() implements WeightOp {
  private static final Set<ElementType> TYPES = Set.of(ElementType.I8, ElementType.U8);

  @Override
  public String type() {
    return "MatMulInteger";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 4);
    Inputs.type(inputs, 0, TYPES);
    Inputs.type(inputs, 1, TYPES);
    if (Inputs.optional(inputs, 2) != null) {
      Inputs.sameType(inputs, 0, 2);
      Inputs.scalar(inputs, 2);
    }
    Known zeroPoint = Inputs.optional(inputs, 3);
    if (zeroPoint != null) {
      Inputs.sameType(inputs, 1, 3);
      Known right = inputs.get(1);
      if (zeroPoint.isShaped() && zeroPoint.elements() != 1 && right.hasRank() && (zeroPoint.rank() != 1
          || (right.dims()[right.rank() - 1] >= 0
              && zeroPoint.elements() != right.dims()[right.rank() - 1]))) {
        throw new IllegalArgumentException("input 3: expected one zero point, or one for each column of "
            + right + ", got " + zeroPoint);
      }
    }
    return List.of(Known.shaped(ElementType.I32, Products.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    int zeroPoint = Inputs.optional(inputs, 2) == null ? -1 : 2;
    Weights weights = new Weights(inputs.get(1), Weights.COLUMNS, null, Inputs.optional(inputs, 3));
    ElementType type = inputs.get(0).type();
    if (weights.isOffered()) {
      return new RowProduct(packs.prepare(packs.octet().matMul().inputPerRow(Weights.type(type)).outputS32(),
          weights.tensor(), WeightLayout.IN_OUT), type, -1, zeroPoint);
    }
    return (in, out) -> plan(new Products(in.get(0), in.get(1)), type, in.get(1).type(),
        in.size() > 3 && in.get(3) != null && in.get(3).elements() > 1);
  }

  private static Step plan(Products sizes, ElementType left, ElementType right, boolean perColumn) {
    return (in, out, scratch) -> {
      int n = sizes.n();
      int k = sizes.k();
      long zero = in.length > 2 && in[2] != null ? Elements.integer(in[2], left, 0) : 0;
      MemorySegment zeros = in.length > 3 ? in[3] : null;
      for (long row = 0; row < sizes.batch() * sizes.m(); row++) {
        long product = row / sizes.m();
        long from = (sizes.left(product) * sizes.m() + row % sizes.m()) * k;
        long matrix = sizes.right(product) * k * n;
        for (int column = 0; column < n; column++) {
          long other = zeros == null ? 0 : Elements.integer(zeros, right, perColumn ? column : 0);
          int sum = 0;
          for (int i = 0; i < k; i++) {
            sum += (int) ((Elements.integer(in[0], left, from + i) - zero)
                * (Elements.integer(in[1], right, matrix + (long) i * n + column) - other));
          }
          out[0].set(Elements.INT, 4 * (row * n + column), sum);
        }
      }
    };
  }
}
