package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.DynamicMatMul;
import java.util.List;
import java.util.Set;

/**
 * What a pass makes of a DynamicQuantizeLinear and an {@link IntegerProduct} that alone reads it: floats to
 * floats by Octet's {@link DynamicMatMul} with one scale for all rows.
 *
 * @param weights the right side; {@link Weights#isOffered()}
 * @param bias F32, one for each column; null where there is none
 */
public record DynamicProduct(Weights weights, float[] bias) implements Op {
  @Override
  public String type() {
    return "DynamicProduct";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(Known.shaped(ElementType.F32, Products.shape(inputs.getFirst(), weights.data())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return kernel(octet.dynamicMatMul().perTensor().weights(weights.tensor(), WeightLayout.IN_OUT), bias);
  }

  /**
   * The kernel of an op of floats.
   *
   * @param bias null where there is none
   */
  static Kernel kernel(DynamicMatMul.Builder builder, float[] bias) {
    if (bias != null) {
      builder.bias(bias);
    }
    DynamicMatMul op = builder.prepare();
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.rows(in.getFirst());
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }
}
