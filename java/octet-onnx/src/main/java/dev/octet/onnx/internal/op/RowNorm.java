package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.LayerNorm;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of the nodes of a layer norm: {@code (x - mean) / sqrt(mean of squares + epsilon) *
 * weight + bias} of each row, by Octet's op.
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
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    LayerNorm op = octet.layerNorm().weights(weight).bias(bias).epsilon(epsilon).prepare();
    return new OctetKernel(op, false, in -> {
      long rows = in.getFirst().elements() / weight.length;
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }
}
