package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/**
 * Product of integers of 8 bits and a constant matrix of 8 bits to floats, with a bias. An operator of ONNX
 * Runtime.
 */
record MatMulIntegerToFloat() implements IntegerOp {
  @Override
  public String type() {
    return "MatMulIntegerToFloat";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 4, 7);
    Inputs.type(inputs, 0, Scales.BYTES);
    Inputs.type(inputs, 2, Set.of(ElementType.F32));
    Inputs.scalar(inputs, 2);
    if (Inputs.optional(inputs, 4) != null) {
      Inputs.sameType(inputs, 0, 4);
      Inputs.scalar(inputs, 4);
    }
    return List.of(DynamicQuantizeMatMul.weights(inputs, 1, 3, 5, 6));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Weights weights = DynamicQuantizeMatMul.constants(inputs, 1, 3, 5);
    float[] bias = DynamicQuantizeMatMul.bias(inputs, 6, weights);
    Known zeroPoint = Inputs.optional(inputs, 4);
    Quantized from = Quantized.of(inputs.getFirst().type(), inputs.get(2), zeroPoint);
    if (from != null) {
      return new Settled(new QuantizedProduct(weights, from, Requantized.floats(bias)), 0);
    }
    if (zeroPoint == null) {
      throw new UnsupportedOperationException(
          "a scale that is no constant without a zero point is not offered");
    }
    return new Settled(new IntegerProduct(weights, bias), 0, 2, 4);
  }
}
