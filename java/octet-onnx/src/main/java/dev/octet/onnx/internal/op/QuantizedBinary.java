package dev.octet.onnx.internal.op;

import dev.octet.BinaryOp;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.Binary;
import java.util.List;
import java.util.Set;

/**
 * Two tensors of integers of 8 bits, element by element, by Octet's {@link Binary}. Operands and result have
 * one type.
 *
 * @param function what is done
 * @param left of the first operand
 * @param right of the second operand
 * @param to of the result
 * @param least the lowest real number that a result stands for
 * @param most the highest one
 */
public record QuantizedBinary(BinaryOp function, Quantized left, Quantized right, Quantized to, float least,
    float most) implements Op {
  /**
   * Makes one of an operator of floats.
   *
   * @param op the operator
   * @return null where it is none that is offered
   */
  public static QuantizedBinary of(Op op, Quantized left, Quantized right, Quantized to, float least,
      float most) {
    BinaryOp function = switch (op) {
      case Arithmetic arithmetic -> switch (arithmetic.function()) {
        case ADD -> BinaryOp.ADD;
        case SUB -> BinaryOp.SUBTRACT;
        case MUL -> BinaryOp.MULTIPLY;
        case DIV -> BinaryOp.DIVIDE;
      };
      case Extreme extreme -> extreme.max() ? BinaryOp.MAXIMUM : BinaryOp.MINIMUM;
      default -> null;
    };
    return function == null ? null : new QuantizedBinary(function, left, right, to, least, most);
  }

  @Override
  public String type() {
    return "QuantizedBinary";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(left.type()));
    Inputs.type(inputs, 1, Set.of(right.type()));
    return List.of(Known.shaped(to.type(), Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Binary op = octet.binary(function).left(left.dataType(), left.quantization())
        .right(right.dataType(), right.quantization()).output(to.dataType(), to.quantization())
        .clamp(least, most).prepare();
    return new OctetKernel(op, 2, in -> plan(op, Shape.of(in.get(0).dims()), Shape.of(in.get(1).dims())));
  }

  private static Step plan(Binary op, Shape left, Shape right) {
    long elements = left.elements();
    return left.equals(right)
        ? (in, out, scratch) -> op.run(in[0], in[1], out[0], elements)
        : (in, out, scratch) -> op.run(in[0], left, in[1], right, out[0]);
  }
}
