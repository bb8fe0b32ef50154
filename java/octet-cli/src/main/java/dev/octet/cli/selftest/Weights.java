package dev.octet.cli.selftest;

import static dev.octet.DataType.S4;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U4;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;

/**
 * Random weights of a matrix product.
 *
 * @param tensor in the order of the layout
 * @param layout IN_OUT or OUT_IN
 * @param bytes the elements, which {@link #in} puts elsewhere
 */
record Weights(QTensor tensor, WeightLayout layout, byte[] bytes) {
  /** In the text of a case with scales of 0. */
  static final String PRUNED = ", some scales 0";

  /** Scales and zero points per tensor or per output feature. */
  static Weights perChannel(Dice dice, DataType type, int k, int n) {
    WeightLayout layout = dice.pick(WeightLayout.IN_OUT, WeightLayout.OUT_IN);
    return of(dice, type, layout, k, n, quantization(dice, type, layout == WeightLayout.OUT_IN ? 0 : 1, n));
  }

  /** S8, S4 or U4 with scales and zero points per group along K. */
  static Weights perGroup(Dice dice, int k, int n) {
    DataType type = dice.pick(S8, S4, U4);
    int group = dice.pick(16, 32, 64, 128, 256);
    WeightLayout layout = dice.pick(WeightLayout.IN_OUT, WeightLayout.OUT_IN);
    int count = Math.ceilDiv(k, group) * n;
    int axis = layout == WeightLayout.OUT_IN ? 1 : 0;
    return of(dice, type, layout, k, n, dice.oneIn(2)
        ? Quantization.perGroup(axis, group, dice.weightScales(count))
        : Quantization.perGroup(axis, group, dice.weightScales(count), dice.zeroPoints(type, count)));
  }

  private static Weights of(Dice dice, DataType type, WeightLayout layout, int k, int n,
      Quantization quantization) {
    Shape shape = layout == WeightLayout.OUT_IN ? Shape.of(n, k) : Shape.of(k, n);
    byte[] bytes = dice.integers(type, shape.elements());
    return new Weights(QTensor.of(type, shape, quantization, bytes), layout, bytes);
  }

  /**
   * Per tensor or per channel; zero points 0, all the same, or one for each channel; some scales may be 0.
   */
  static Quantization quantization(Dice dice, DataType type, int axis, int channels) {
    if (dice.oneIn(3)) {
      return Quantization.perTensor(dice.weightScales(1)[0], dice.oneIn(2) ? 0 : dice.zeroPoint(type));
    }
    float[] scales = dice.weightScales(channels);
    return dice.oneIn(2)
        ? Quantization.perChannel(axis, scales)
        : Quantization.perChannel(axis, scales, dice.zeroPoints(type, channels));
  }

  /** The first scale that is not 0, which tells how large results are; 1 where there is none. */
  static float unit(Quantization quantization) {
    for (float scale : quantization.scales()) {
      if (scale != 0) {
        return scale;
      }
    }
    return 1;
  }

  /** What a case says of its scales beside their number. */
  static String text(Quantization quantization) {
    return (quantization.isSymmetric() ? "" : " with zero points")
        + (isPruned(quantization.scales()) ? PRUNED : "");
  }

  /** Whether some scale is 0. */
  static boolean isPruned(float[] scales) {
    for (float scale : scales) {
      if (scale == 0) {
        return true;
      }
    }
    return false;
  }

  /** The same in the memory of a run. */
  QTensor in(Memory memory) {
    return QTensor.of(tensor.type(), tensor.shape(), tensor.quantization(), memory.of(bytes));
  }

  /** A weight as a real number. */
  float real(int row, int column) {
    boolean outIn = layout == WeightLayout.OUT_IN;
    return tensor.real(outIn
        ? column * tensor.shape().dim(1) + row
        : row * tensor.shape().dim(1) + column);
  }

  @Override
  public String toString() {
    return "weights " + tensor + " " + layout
        + text(tensor.quantization());
  }
}
