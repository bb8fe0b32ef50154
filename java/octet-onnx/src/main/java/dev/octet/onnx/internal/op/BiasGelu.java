package dev.octet.onnx.internal.op;

import dev.octet.GeluForm;
import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import java.util.List;

/**
 * GELU of a sum with a bias of each column. An operator of ONNX Runtime.
 *
 * @param form by the error function or the hyperbolic tangent
 */
record BiasGelu(GeluForm form) implements Op {
  private static final Arithmetic ADD = new Arithmetic(Arithmetic.Function.ADD);

  @Override
  public String type() {
    return form == GeluForm.ERF ? "BiasGelu" : "FastGelu";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, form == GeluForm.ERF ? 2 : 1, 2);
    Inputs.floats(inputs);
    Known x = inputs.getFirst();
    Known bias = Inputs.optional(inputs, 1);
    if (bias != null && x.hasRank() && bias.hasRank() && (x.rank() == 0 || bias.rank() != 1)) {
      throw new IllegalArgumentException("input 1: expected a bias of each column of " + x + ", got " + bias);
    }
    return List.of(Known.shaped(x.type(), bias == null ? x.dims() : ADD.infer(inputs).getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    dev.octet.op.Gelu op = octet.gelu(form);
    boolean adds = Inputs.optional(inputs, 1) != null;
    return new OctetKernel(op, 2, in -> {
      long elements = in.getFirst().elements();
      if (!adds) {
        return (from, to, scratch) -> op.run(from[0], to[0], elements);
      }
      Step sum = ADD.plan(in.get(0), in.get(1), in.get(0));
      return (from, to, scratch) -> {
        sum.run(from, to, scratch);
        op.run(to[0], to[0], elements);
      };
    });
  }
}
