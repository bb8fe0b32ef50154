package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.Collections;
import java.util.List;

/**
 * A function of each element of 8 bits, with scales and zero points of elements and results. An operator of
 * ONNX Runtime.
 *
 * @param function of floats
 */
record QLinearFunction(FloatMap function) implements IntegerOp {
  @Override
  public String type() {
    return "QLinear" + function.type();
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 4, 5, 2);
    IntegerOp.check(inputs, 0);
    IntegerOp.checkScale(inputs, 3, inputs.getFirst().type());
    return List.of(Known.shaped(inputs.getFirst().type(), inputs.getFirst().dims()));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    return new Settled(new QuantizedFunction(function, 0, Collections.singletonList(null),
        IntegerOp.quantized(type, inputs, 1), IntegerOp.quantized(type, inputs, 3)), 0);
  }
}
