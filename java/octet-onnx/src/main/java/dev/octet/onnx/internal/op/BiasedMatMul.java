package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Sgemm;
import java.util.List;

/**
 * What a pass makes of a {@link MatMul} by a constant matrix and the Add of a row: sums begin with the row.
 *
 * @param bias finite numbers, one for each column
 */
public record BiasedMatMul(float[] bias) implements Op {
  @Override
  public String type() {
    return "BiasedMatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.floats(inputs);
    return List.of(Known.shaped(ElementType.F32, Products.shape(inputs.get(0), inputs.get(1))));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return kernel(octet, inputs.get(1), bias);
  }

  /** A product by a packed matrix: all matrices on the left are one, of more rows. */
  static Kernel kernel(Octet octet, Known right, float[] bias) {
    Sgemm.Builder builder = octet.sgemm().weights(right.data(), Runs.count("rows", right.dims()[0]),
        Runs.count("columns", right.dims()[1]), WeightLayout.IN_OUT);
    Sgemm op = (bias == null ? builder : builder.bias(bias)).prepare();
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.rows(in.getFirst());
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }
}
