package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.List;

/**
 * Softmax of scores of 8 bits along the last axis, with scales and zero points of scores and probabilities.
 * An operator of ONNX Runtime, whose exponentials are rounded otherwise: results differ by at most 1.
 *
 * @param softmax the operator of floats
 */
record QLinearSoftmax(Softmax softmax) implements IntegerOp {
  static QLinearSoftmax read(Attributes attributes) {
    boolean flat = attributes.integer("opset", 13) < 13;
    return new QLinearSoftmax(new Softmax(attributes.integer("axis", -1), flat, false));
  }

  @Override
  public String type() {
    return "QLinearSoftmax";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 4, 5, 2);
    IntegerOp.check(inputs, 0);
    IntegerOp.checkScale(inputs, 3, inputs.getFirst().type());
    Known scores = inputs.getFirst();
    Quantized any = new Quantized(scores.type(), 1, 0);
    return new QuantizedSoftmax(softmax, any, any).infer(List.of(scores));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    return new Settled(new QuantizedSoftmax(softmax, IntegerOp.quantized(type, inputs, 1),
        IntegerOp.quantized(type, inputs, 3)), 0);
  }
}
