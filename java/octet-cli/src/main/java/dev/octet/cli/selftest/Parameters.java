package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.function.IntFunction;

/**
 * A tensor to be converted: of any rank, with one long axis, and scales and zero points per tensor, per
 * channel or per group.
 *
 * @param type U8, S8, U4 or S4
 * @param shape of the tensor
 * @param quantization that fits it
 */
record Parameters(DataType type, Shape shape, Quantization quantization) {
  /** Some scales may be 0, which nothing can be quantized by. */
  static Parameters ofWeights(Dice dice) {
    return random(dice, dice::weightScales);
  }

  /** All scales are above 0. */
  static Parameters ofActivations(Dice dice) {
    return random(dice, dice::scales);
  }

  private static Parameters random(Dice dice, IntFunction<float[]> scales) {
    DataType type = dice.pick(DataType.U8, DataType.S8, DataType.U4, DataType.S4);
    long[] dims = new long[dice.between(1, 4)];
    int longest = dice.between(0, dims.length - 1);
    for (int a = 0; a < dims.length; a++) {
      dims[a] = a == longest ? dice.size(3000) : dice.between(1, 6);
    }
    Shape shape = Shape.of(dims);
    int axis = dice.between(0, dims.length - 1);
    return new Parameters(type, shape, switch (dice.between(0, 2)) {
      case 0 -> Quantization.perTensor(scales.apply(1)[0], dice.zeroPoint(type));
      case 1 -> {
        int count = shape.intDim(axis);
        yield Quantization.perChannel(axis, scales.apply(count), dice.zeroPoints(type, count));
      }
      default -> {
        int group = dice.size(shape.intDim(axis));
        int count = (int) (shape.elements() / shape.dim(axis) * Math.ceilDiv(shape.dim(axis), group));
        yield Quantization.perGroup(axis, group, scales.apply(count), dice.zeroPoints(type, count));
      }
    });
  }

  @Override
  public String toString() {
    return type + " " + shape + " " + quantization
        + (Weights.isPruned(quantization.scales()) ? Weights.PRUNED : "");
  }
}
