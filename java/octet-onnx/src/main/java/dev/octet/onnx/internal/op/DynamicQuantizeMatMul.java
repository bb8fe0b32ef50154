package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/**
 * Product of floats, quantized by their range, and a constant matrix of 8 bits, with a bias. An operator of
 * ONNX Runtime.
 */
record DynamicQuantizeMatMul() implements IntegerOp {
  @Override
  public String type() {
    return "DynamicQuantizeMatMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 3, 5);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    return List.of(weights(inputs, 1, 2, 3, 4));
  }

  /**
   * Checks a right side.
   *
   * @param matrix which input it is
   * @param scale which input its scales are
   * @param zeroPoint which input its zero points are
   * @param bias which input the bias is
   * @return what is known of the result
   */
  static Known weights(List<Known> inputs, int matrix, int scale, int zeroPoint, int bias) {
    Inputs.type(inputs, matrix, Scales.BYTES);
    Inputs.type(inputs, scale, Set.of(ElementType.F32));
    if (Inputs.optional(inputs, zeroPoint) != null) {
      Inputs.sameType(inputs, matrix, zeroPoint);
    }
    if (Inputs.optional(inputs, bias) != null) {
      Inputs.type(inputs, bias, Set.of(ElementType.F32));
    }
    return Known.shaped(ElementType.F32, Products.shape(inputs.getFirst(), inputs.get(matrix)));
  }

  /**
   * The constants of a right side.
   *
   * @throws UnsupportedOperationException if they are none, or not offered
   */
  static Weights constants(List<Known> inputs, int matrix, int scale, int zeroPoint) {
    Weights weights = new Weights(inputs.get(matrix), Weights.COLUMNS, inputs.get(scale),
        Inputs.optional(inputs, zeroPoint));
    if (!weights.isOffered()) {
      throw new UnsupportedOperationException("a right side " + inputs.get(matrix) + " with scales "
          + inputs.get(scale) + " and zero points " + Inputs.optional(inputs, zeroPoint) + " is not offered");
    }
    return weights;
  }

  /** The bias of each column; null where there is none. */
  static float[] bias(List<Known> inputs, int index, Weights weights) {
    Known bias = Inputs.optional(inputs, index);
    if (bias == null) {
      return null;
    }
    if (!bias.isConstant() || bias.elements() != weights.channels()) {
      throw new UnsupportedOperationException(
          "input " + index + ": only a constant bias of each column is offered, got " + bias);
    }
    return Elements.floats(bias);
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Weights weights = constants(inputs, 1, 2, 3);
    return new Settled(new DynamicProduct(weights, bias(inputs, 4, weights)), 0);
  }
}
