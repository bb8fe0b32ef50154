package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.LayerNorm;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Layer norm along the last axis of a sum of two tensors, and of a bias where there is one, with constant
 * weights. An operator of ONNX Runtime, whose first output alone is offered.
 *
 * @param epsilon added to the variance
 */
record SkipLayerNormalization(float epsilon) implements Op {
  private static final float EPSILON = 1e-12f;
  private static final Arithmetic ADD = new Arithmetic(Arithmetic.Function.ADD);

  static SkipLayerNormalization read(Attributes attributes) {
    if (attributes.outputs() > 1) {
      throw new UnsupportedOperationException("outputs behind the first one are not offered");
    }
    return new SkipLayerNormalization(attributes.real("epsilon", EPSILON));
  }

  @Override
  public String type() {
    return "SkipLayerNormalization";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 3, 5);
    Inputs.floats(inputs);
    Known x = inputs.getFirst();
    for (int i = 2; i < inputs.size(); i++) {
      Known of = inputs.get(i);
      if (of != null && of.hasRank() && x.hasRank() && (of.rank() != 1 || x.rank() == 0
          || (of.dims()[0] >= 0 && x.dims()[x.rank() - 1] >= 0 && of.dims()[0] != x.dims()[x.rank() - 1]))) {
        throw new IllegalArgumentException(
            "input " + i + ": expected a number for each column of " + x + ", got " + of);
      }
    }
    return ADD.infer(inputs.subList(0, 2));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Known shift = Inputs.optional(inputs, 3);
    if (!inputs.get(2).isConstant() || (shift != null && !shift.isConstant())) {
      throw new UnsupportedOperationException("weights that are no constants are not offered");
    }
    float[] weights = Elements.floats(inputs.get(2));
    LayerNorm op = new RowNorm(epsilon, weights,
        shift == null ? new float[weights.length] : Elements.floats(shift)).prepare(octet);
    return new OctetKernel(op, input -> input < 2 || input == 4, (in, out) -> plan(op, in, out.getFirst()));
  }

  private static Step plan(LayerNorm op, List<Known> in, Known y) {
    long rows = y.elements() / op.columns();
    Step sum = ADD.plan(in.get(0), in.get(1), y);
    Known bias = Inputs.optional(in, 4);
    Step more = bias == null ? null : ADD.plan(y, bias, y);
    return (from, to, scratch) -> {
      sum.run(from, to, scratch);
      if (more != null) {
        more.run(new MemorySegment[]{to[0], from[4]}, to, scratch);
      }
      op.run(to[0], to[0], rows);
    };
  }
}
