package dev.octet.onnx.internal.op;

import dev.octet.WeightLayout;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.MatMul;
import java.util.List;

/**
 * What a pass makes of MatMulInteger, Cast, Mul and Add: integers with their scale and zero point to floats,
 * {@code f32(acc) * f32(sx * sw[c]) + bias[c]}. Its inputs are the integers, the scale and the zero point.
 *
 * @param weights the right side; {@link Weights#isOffered()}
 * @param bias F32, one for each column; null where there is none
 */
public record IntegerProduct(Weights weights, float[] bias) implements WeightOp {
  /** The name in reports. */
  public static final String TYPE = "IntegerProduct";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Scales.checkQuantized(inputs);
    return List.of(Known.shaped(ElementType.F32, Products.shape(inputs.getFirst(), weights.data())));
  }

  @Override
  public Kernel kernel(Packs packs, List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    MatMul.Builder builder = packs.octet().matMul().inputPerRow(Weights.type(type)).outputF32();
    if (bias != null) {
      builder.bias(bias);
    }
    return new RowProduct(packs.prepare(builder, weights.tensor(), WeightLayout.IN_OUT), type, 1, 2);
  }
}
