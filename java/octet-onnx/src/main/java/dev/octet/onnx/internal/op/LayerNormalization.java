package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.LayerNorm;
import java.util.List;
import java.util.Set;

/**
 * Layer norm along the last axis, with constant weights.
 *
 * @param axis the first of the axes of a row; below 0 from the end
 * @param epsilon added to the variance
 */
record LayerNormalization(long axis, float epsilon) implements Op {
  private static final float EPSILON = 1e-5f;

  static LayerNormalization read(Attributes attributes) {
    if (attributes.integer("stash_type", 1) != 1) {
      throw new UnsupportedOperationException("attribute stash_type: only 1, F32, is offered");
    }
    return new LayerNormalization(attributes.integer("axis", -1), attributes.real("epsilon", EPSILON));
  }

  @Override
  public String type() {
    return "LayerNormalization";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 3);
    Known x = inputs.getFirst();
    if (x.hasRank() && Dims.axis("axis", axis, x.rank()) != x.rank() - 1) {
      throw new UnsupportedOperationException(
          "attribute axis: only the last axis is offered, got " + axis + " of " + x);
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) == null) {
        continue;
      }
      Inputs.type(inputs, i, Set.of(ElementType.F32));
      Known of = inputs.get(i);
      if (i > 0 && x.hasRank() && of.hasRank() && (of.rank() != 1
          || (of.dims()[0] >= 0 && x.dims()[x.rank() - 1] >= 0
              && of.dims()[0] != x.dims()[x.rank() - 1]))) {
        throw new IllegalArgumentException(
            "input " + i + ": expected a number for each column of " + x + ", got " + of);
      }
    }
    return List.of(Known.shaped(ElementType.F32, x.dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known bias = Inputs.optional(inputs, 2);
    if (!inputs.get(1).isConstant() || (bias != null && !bias.isConstant())) {
      throw new UnsupportedOperationException("weights that are no constants are not offered");
    }
    float[] weights = Elements.floats(inputs.get(1));
    LayerNorm op = new RowNorm(epsilon, weights,
        bias == null ? new float[weights.length] : Elements.floats(bias)).prepare(octet);
    return new OctetKernel(op, 1, in -> RowNorm.plan(op, in.getFirst()));
  }
}
