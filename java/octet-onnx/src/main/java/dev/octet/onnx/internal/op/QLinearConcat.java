package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tensors of 8 bits behind each other: scale and zero point of the result, then each tensor with its own. An
 * operator of ONNX Runtime.
 *
 * @param axis along which; below 0 from the end
 */
record QLinearConcat(long axis) implements IntegerOp {
  static QLinearConcat read(Attributes attributes) {
    return new QLinearConcat(Concat.read(attributes).axis());
  }

  @Override
  public String type() {
    return "QLinearConcat";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, Math.max(5, inputs.size()), Integer.MAX_VALUE);
    if (inputs.size() % 3 != 2) {
      throw new IllegalArgumentException(
          "expected a scale and a zero point, and three inputs for each tensor, got " + inputs.size());
    }
    ElementType to = inputs.get(1).type();
    Inputs.type(inputs, 1, Scales.BYTES);
    IntegerOp.checkScale(inputs, 0, to);
    List<Known> same = new ArrayList<>();
    for (int i = 2; i < inputs.size(); i += 3) {
      IntegerOp.check(inputs, i);
      same.add(Known.shaped(to, inputs.get(i).dims()));
    }
    return new Concat(axis).infer(same);
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Known first = inputs.get(2);
    if (!first.hasRank()) {
      throw new UnsupportedOperationException("input 2: a tensor of unknown rank is not offered");
    }
    int[] operands = IntStream.range(0, inputs.size() / 3).map(i -> 2 + 3 * i).toArray();
    List<Quantized> from = new ArrayList<>();
    for (int operand : operands) {
      from.add(IntegerOp.quantized(inputs.get(operand).type(), inputs, operand + 1));
    }
    return new Settled(new QuantizedConcat(Dims.axis("axis", axis, first.rank()), from,
        IntegerOp.quantized(inputs.get(1).type(), inputs, 0)), operands);
  }
}
