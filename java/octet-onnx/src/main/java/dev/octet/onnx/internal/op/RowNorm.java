package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.LayerNorm;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of the nodes of a layer norm: {@code (x - mean) / sqrt(mean of squares + epsilon) *
 * weight + bias} of each row, by Octet's op. Its inputs are x, or two that are broadcast to each other and
 * added.
 *
 * @param epsilon added to the mean of squares, finite and 0 or more
 * @param weight one for each element of a row, finite
 * @param bias likewise
 */
public record RowNorm(float epsilon, float[] weight, float[] bias) implements Op {
  @Override
  public String type() {
    return "RowNorm";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 2);
    for (int i = 0; i < inputs.size(); i++) {
      Inputs.type(inputs, i, Set.of(ElementType.F32));
    }
    long[] dims = inputs.getFirst().dims();
    return List.of(Known.shaped(ElementType.F32,
        inputs.size() == 1 ? dims : Dims.broadcast(dims, inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    LayerNorm op = prepare(octet);
    return new OctetKernel(op, inputs.size(), in -> plan(op, in));
  }

  /** Prepares Octet's op. */
  LayerNorm prepare(Octet octet) {
    return octet.layerNorm().weights(weight).bias(bias).epsilon(epsilon).prepare();
  }

  /** Plans it without a residual. */
  static Step plan(LayerNorm op, Known x) {
    long rows = x.elements() / op.columns();
    return (from, to, scratch) -> op.run(from[0], to[0], rows);
  }

  private Step plan(LayerNorm op, List<Known> in) {
    Known result = infer(in).getFirst();
    long rows = result.elements() / weight.length;
    if (in.size() == 1) {
      return plan(op, result);
    }
    if (Arrays.equals(in.get(0).dims(), in.get(1).dims())) {
      return (from, to, scratch) -> op.run(from[0], from[1], to[0], rows);
    }
    Step sum = new Arithmetic(Arithmetic.Function.ADD).plan(in.get(0), in.get(1), result);
    return (from, to, scratch) -> {
      sum.run(from, to, scratch);
      op.run(to[0], to[0], rows);
    };
  }
}
