package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/**
 * Product of a matrix of 8 bits and a constant one, with a bias of integers, to 8 bits where a scale of the
 * result is given, else to floats. An operator of ONNX Runtime.
 *
 * @param gemm which matrices are transposed, and the factor
 */
record QGemm(Gemm gemm) implements IntegerOp {
  static QGemm read(Attributes attributes) {
    return new QGemm(new Gemm(attributes.real("alpha", 1), 1, attributes.integer("transA", 0) != 0,
        attributes.integer("transB", 0) != 0));
  }

  @Override
  public String type() {
    return "QGemm";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 6, 9);
    IntegerOp.check(inputs, 0);
    Inputs.type(inputs, 3, Scales.BYTES);
    Inputs.type(inputs, 4, Set.of(ElementType.F32));
    Inputs.sameType(inputs, 3, 5);
    Known bias = Inputs.optional(inputs, 6);
    if (bias != null) {
      Inputs.type(inputs, 6, Set.of(ElementType.I32));
    }
    boolean floats = Inputs.optional(inputs, 7) == null;
    if (!floats) {
      IntegerOp.checkScale(inputs, 7, inputs.getFirst().type());
    }
    Known a = Known.shaped(ElementType.F32, inputs.get(0).dims());
    Known b = Known.shaped(ElementType.F32, inputs.get(3).dims());
    Known y = gemm.infer(List.of(a, b)).getFirst();
    return List.of(Known.shaped(floats ? ElementType.F32 : inputs.getFirst().type(), y.dims()));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Scales.requireConstants(inputs, 0);
    Weights weights = new Weights(inputs.get(3), gemm.turnsB() ? Weights.OUT_CHANNELS : Weights.COLUMNS,
        inputs.get(4), inputs.get(5));
    if (gemm.turnsA() || gemm.alpha() != 1 || !weights.isOffered()) {
      throw new UnsupportedOperationException(
          "a transposed left side, a factor alpha, or a right side " + inputs.get(3) + " with scales "
              + inputs.get(4) + " and zero points " + inputs.get(5) + ", are not offered");
    }
    ElementType type = inputs.getFirst().type();
    Quantized from = IntegerOp.quantized(type, inputs, 1);
    int[] sums = bias(Inputs.optional(inputs, 6), Math.toIntExact(weights.channels()));
    Requantized result = Inputs.optional(inputs, 7) == null
        ? new Requantized(sums, null, null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY)
        : Requantized.of(sums, IntegerOp.quantized(type, inputs, 7));
    return new Settled(new QuantizedProduct(weights, from, result), 0);
  }

  private static int[] bias(Known bias, int columns) {
    if (bias == null) {
      return null;
    }
    if (bias.elements() != columns || bias.dims()[bias.rank() - 1] != columns) {
      throw new UnsupportedOperationException(
          "input 6: only a bias of each of " + columns + " columns is offered, got " + bias);
    }
    return Scales.integers(bias);
  }
}
