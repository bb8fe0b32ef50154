package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;

/**
 * Images, window, groups and weights of a convolution: dense, grouped or depthwise, strided, dilated, padded.
 */
final class ConvShape {
  final Shape images;
  final int groups;
  final Window window;
  final WeightLayout layout;
  final Quantization quantization;
  private final DataType type;
  private final Shape shape;
  private final byte[] bytes;
  private final int in;
  private final int outChannels;

  ConvShape(Dice dice) {
    this.window = Window.random(dice, dice.oneIn(8) ? 7 : 3);
    int inputs = dice.size(70);
    int outputs = dice.size(70);
    switch (dice.between(0, 2)) {
      case 0 -> this.groups = 1;
      case 1 -> {
        this.groups = dice.between(2, 5);
        inputs = Math.ceilDiv(inputs, groups);
        outputs = Math.ceilDiv(outputs, groups);
      }
      default -> {
        this.groups = inputs; // depthwise
        inputs = 1;
        outputs = dice.oneIn(2) ? 1 : dice.between(1, 4);
      }
    }
    this.in = inputs;
    this.outChannels = outputs * groups;
    int batch = dice.oneIn(24) ? 0 : dice.between(1, 2);
    this.images = Shape.of(batch, window.imageHeight(dice, 8), window.imageWidth(dice, 8),
        (long) in * groups);
    this.layout = dice.pick(WeightLayout.OHWI, WeightLayout.OIHW, WeightLayout.HWIO);
    this.type = dice.byteType();
    this.shape = switch (layout) {
      case OIHW -> Shape.of(outChannels, in, window.kernelHeight(), window.kernelWidth());
      case HWIO -> Shape.of(window.kernelHeight(), window.kernelWidth(), in, outChannels);
      default -> Shape.of(outChannels, window.kernelHeight(), window.kernelWidth(), in);
    };
    this.quantization = Weights.quantization(dice, type, layout == WeightLayout.HWIO ? 3 : 0, outChannels);
    this.bytes = dice.integers(type, shape.elements());
  }

  int batch() {
    return images.intDim(0);
  }

  int outChannels() {
    return outChannels;
  }

  /** Products of an accumulator. */
  int depth() {
    return in * window.kernelHeight() * window.kernelWidth();
  }

  /** The weights in the memory of a run. */
  QTensor weights(Memory memory) {
    return QTensor.of(type, shape, quantization, memory.of(bytes));
  }

  @Override
  public String toString() {
    return images + ", weights " + type + " " + layout + " " + shape + " " + quantization
        + Weights.text(quantization) + ", groups " + groups + ", " + window;
  }
}
