package dev.octet.onnx.internal.op;

import dev.octet.BinaryOp;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.List;

/**
 * Sum or product of tensors of 8 bits, of one type: each with its scale and zero point, and those of the
 * result. An operator of ONNX Runtime.
 *
 * @param function which of them
 */
record QLinearBinary(BinaryOp function) implements IntegerOp {
  @Override
  public String type() {
    return function == BinaryOp.ADD ? "QLinearAdd" : "QLinearMul";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 7, 8, 2, 5);
    IntegerOp.check(inputs, 0);
    IntegerOp.check(inputs, 3);
    Inputs.sameType(inputs, 0, 3);
    IntegerOp.checkScale(inputs, 6, inputs.getFirst().type());
    return List.of(Known.shaped(inputs.getFirst().type(),
        Dims.broadcast(inputs.get(0).dims(), inputs.get(3).dims())));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    ElementType type = inputs.getFirst().type();
    return new Settled(new QuantizedBinary(function, IntegerOp.quantized(type, inputs, 1),
        IntegerOp.quantized(type, inputs, 4), IntegerOp.quantized(type, inputs, 6), Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY), 0, 3);
  }
}
