package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;

import dev.octet.Octet;
import dev.octet.op.DynamicConv2d;
import java.util.List;

/** A convolution of float images, quantized on the fly by one range of all or one of each image. */
final class DynamicConv2dCase extends OpCase<DynamicConv2d> {
  private final ConvShape conv;
  private final boolean perImage;
  private final float[] x;
  private final Bias bias;
  /** Or null. */
  private final Clamp clamp;

  DynamicConv2dCase(Dice dice) {
    this.conv = new ConvShape(dice);
    this.perImage = dice.oneIn(2);
    long image = conv.images.dim(1) * conv.images.dim(2) * conv.images.dim(3);
    this.x = dice.reals(conv.batch(), Math.toIntExact(image));
    this.bias = Bias.randomReal(dice, conv.outChannels(), Weights.unit(conv.quantization));
    this.clamp = Clamp.random(dice, 0.1f);
  }

  @Override
  DynamicConv2d prepare(Octet octet, Memory memory) {
    DynamicConv2d.Builder builder = octet.dynamicConv2d().weights(conv.weights(memory), conv.layout)
        .groups(conv.groups);
    if (perImage) {
      builder.perImage();
    }
    if (bias.floats() != null) {
      builder.bias(bias.floats());
    }
    if (clamp != null) {
      clamp.apply(builder::clamp);
    }
    conv.window.apply(builder::stride, builder::dilation, builder::padding);
    return builder.prepare();
  }

  @Override
  List<Output> run(DynamicConv2d op, Memory memory) {
    Output y = memory.result("y", F32, op.outputShape(conv.images));
    op.run(memory.of(x), y.data(), conv.batch(), conv.images.intDim(1), conv.images.intDim(2));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "dynamicConv2d of F32 " + conv + ", scale " + (perImage ? "per image" : "per tensor") + ", " + bias
        + (clamp == null ? "" : ", " + clamp);
  }
}
