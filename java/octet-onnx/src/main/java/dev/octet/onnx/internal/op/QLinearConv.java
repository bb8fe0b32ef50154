package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import dev.octet.op.Conv2d;
import java.util.List;
import java.util.Set;

/**
 * Convolution of 8-bit images to 8-bit images by Octet's {@link Conv2d}: images, their scale and zero point,
 * weights, theirs, those of the result, and a bias of integers where there is one. All but the images are
 * constants.
 *
 * @param window how the weights move over an image
 * @param groups of channels
 */
record QLinearConv(WindowAttributes window, long groups) implements IntegerOp {
  static QLinearConv read(Attributes attributes) {
    return new QLinearConv(WindowAttributes.read(attributes, true, false), Convolutions.groups(attributes));
  }

  @Override
  public String type() {
    return "QLinearConv";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 8, 9);
    Known w = inputs.get(3);
    Scales.checkRequantizing(inputs);
    if (Inputs.optional(inputs, 8) != null) {
      Inputs.type(inputs, 8, Set.of(ElementType.I32));
      if (inputs.get(8).hasRank() && w.hasRank()) {
        Convolutions.checkBias(inputs.get(8), w.dims()[0]);
      }
    }
    return List.of(Known.shaped(inputs.get(7).type(), Convolutions.shape(window, groups, inputs.get(0), w)));
  }

  @Override
  public Settled settle(List<Known> inputs) {
    Scales.requireConstants(inputs, 0);
    Known x = inputs.getFirst();
    Weights weights = new Weights(inputs.get(3), Weights.OUT_CHANNELS, inputs.get(4), inputs.get(5));
    if (!weights.isOffered() || !FixedWindow.isFixed(window, x)) {
      throw new UnsupportedOperationException("weights " + inputs.get(3) + " with scales " + inputs.get(4)
          + " and zero points " + inputs.get(5)
          + ", or a padding that depends on the image, are not offered");
    }
    Known bias = Inputs.optional(inputs, 8);
    Requantized result = Requantized.of(bias == null ? null : Scales.integers(bias),
        IntegerOp.quantized(inputs.get(7).type(), inputs, 6));
    return new Settled(new ChannelsFirst(new QuantizedConv(weights, window, groups,
        IntegerOp.quantized(x.type(), inputs, 1), result)), 0);
  }
}
