package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.op.MatMul;
import java.util.List;

/**
 * Product of integers of 8 bits to 8 bits by Octet's {@link MatMul}: each side with its scale and zero point,
 * and those of the result. All but the left side are constants; the right one is a matrix.
 */
record QLinearMatMul() implements IntegerOp {
  @Override
  public String type() {
    return "QLinearMatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 8, 8);
    Scales.checkRequantizing(inputs);
    return List.of(Known.shaped(inputs.get(7).type(), Products.shape(inputs.get(0), inputs.get(3))));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Scales.requireConstants(inputs, 0);
    Weights weights = new Weights(inputs.get(3), Weights.COLUMNS, inputs.get(4), inputs.get(5));
    if (!weights.isOffered()) {
      throw new UnsupportedOperationException(
          "a right side " + inputs.get(3) + " with scales " + inputs.get(4)
              + " and zero points " + inputs.get(5) + " is not offered");
    }
    return new Settled(new QuantizedProduct(weights, IntegerOp.quantized(inputs.get(0).type(), inputs, 1),
        Requantized.of(null, IntegerOp.quantized(inputs.get(7).type(), inputs, 6))), 0);
  }
}
