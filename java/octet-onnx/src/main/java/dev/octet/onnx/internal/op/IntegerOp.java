package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.WeightOp;
import dev.octet.onnx.internal.packs.Packs;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An operator that is one of Octet's ops where its weights, scales and zero points are constants. */
public interface IntegerOp extends WeightOp {
  /**
   * An operator that has its constants.
   *
   * @param op the operator
   * @param operands which inputs of the node its inputs are
   */
  record Settled(Op op, int... operands) {
    /** What is known of its inputs, or other things of them, of those of the node. */
    public <T> List<T> of(List<T> inputs) {
      List<T> result = new ArrayList<>();
      for (int operand : operands) {
        result.add(inputs.get(operand));
      }
      return result;
    }
  }

  /**
   * The operator with its constants.
   *
   * @param inputs what is known of them
   * @throws UnsupportedOperationException if one is none, or what they are is not offered
   */
  Settled settle(List<Known> inputs);

  @Override
  default Kernel kernel(Packs packs, List<Known> inputs) {
    Settled settled = settle(inputs);
    return new Selected(settled.op.kernel(packs, settled.of(inputs)), false, settled.operands);
  }

  /**
   * A scale and a zero point, which follow each other in the inputs.
   *
   * @param type of the integers
   * @param scale which input the scale is
   * @throws UnsupportedOperationException if they are no constants
   */
  static Quantized quantized(ElementType type, List<Known> inputs, int scale) {
    Quantized quantized = Quantized.of(type, inputs.get(scale), Inputs.optional(inputs, scale + 1));
    if (quantized == null) {
      throw new UnsupportedOperationException("inputs " + scale + " and " + (scale + 1)
          + ": scales and zero points that are no constants are not offered");
    }
    return quantized;
  }

  /** Checks integers of 8 bits, a scale and a zero point, which may be left out. */
  static void check(List<Known> inputs, int operand) {
    Inputs.type(inputs, operand, Scales.BYTES);
    checkScale(inputs, operand + 1, inputs.get(operand).type());
  }

  /** Checks one scale and the zero point behind it, which may be left out. */
  static void checkScale(List<Known> inputs, int scale, ElementType type) {
    Inputs.type(inputs, scale, Set.of(ElementType.F32));
    Inputs.scalar(inputs, scale);
    if (Inputs.optional(inputs, scale + 1) != null) {
      Inputs.type(inputs, scale + 1, Set.of(type));
      Inputs.scalar(inputs, scale + 1);
    }
  }
}
