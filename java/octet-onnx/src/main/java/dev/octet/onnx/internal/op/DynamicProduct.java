package dev.octet.onnx.internal.op;

import dev.octet.QTensor;
import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
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
public record DynamicProduct(Weights weights, float[] bias) implements WeightOp {
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
  public Kernel kernel(Packs packs, List<Known> inputs) {
    return kernel(packs, packs.octet().dynamicMatMul().perTensor(), weights.tensor(), WeightLayout.IN_OUT,
        bias);
  }

  /**
   * The kernel of an op of floats.
   *
   * @param builder without weights and bias
   * @param weights a matrix
   * @param layout of the weights
   * @param bias null where there is none
   */
  static Kernel kernel(Packs packs, DynamicMatMul.Builder builder, QTensor weights, WeightLayout layout,
      float[] bias) {
    if (bias != null) {
      builder.bias(bias);
    }
    DynamicMatMul op = packs.prepare(builder, weights, layout);
    return new OctetKernel(op, 1, in -> {
      int rows = Runs.rows(in.getFirst());
      return (from, to, scratch) -> op.run(from[0], to[0], rows);
    });
  }
}
