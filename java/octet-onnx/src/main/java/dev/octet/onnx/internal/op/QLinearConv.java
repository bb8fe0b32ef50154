package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
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
record QLinearConv(WindowAttributes window, long groups) implements Op {
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
  public Kernel kernel(Octet octet, List<Known> inputs) {
    Scales.requireConstants(inputs, 0);
    Known x = inputs.getFirst();
    Weights weights = new Weights(inputs.get(3), Weights.OUT_CHANNELS, inputs.get(4), inputs.get(5));
    if (!weights.isOffered() || !FixedWindow.isFixed(window, x)) {
      throw new UnsupportedOperationException("weights " + inputs.get(3) + " with scales " + inputs.get(4)
          + " and zero points " + inputs.get(5)
          + ", or a padding that depends on the image, are not offered");
    }
    ElementType to = inputs.get(7).type();
    Conv2d.Builder builder = NhwcConv.builder(octet, weights, window, groups, x)
        .input(Weights.type(x.type()), Scales.perTensor(inputs.get(1), inputs.get(2)))
        .output(Weights.type(to), Scales.perTensor(inputs.get(6), inputs.get(7)));
    if (Inputs.optional(inputs, 8) != null) {
      builder.bias(Scales.integers(inputs.get(8)));
    }
    return new ImageKernel(NhwcConv.of(octet, builder.prepare(), false, x.type(), to), x.type(), -1, -1);
  }
}
