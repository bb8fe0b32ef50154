package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.op.Conv2d;
import java.util.Arrays;
import java.util.List;

/** A convolution of 8-bit images, whose scale is fixed, or comes with the run, one of all or one an image. */
final class Conv2dCase extends OpCase<Conv2d> {
  private enum Input {
    FIXED, AT_RUN, PER_IMAGE
  }

  private final ConvShape conv;
  private final DataType type;
  private final Input input;
  private final float[] scales;
  private final int[] zeroPoints;
  private final byte[] x;
  private final Bias bias;
  private final Epilogue epilogue;

  Conv2dCase(Dice dice) {
    this.conv = new ConvShape(dice);
    this.type = dice.byteType();
    this.input = dice.pick(Input.values());
    int count = input == Input.PER_IMAGE ? conv.batch() : 1;
    this.scales = dice.scales(count);
    this.zeroPoints = dice.zeroPoints(type, count);
    this.x = dice.integers(type, conv.images.elements());
    float product = (count > 0 ? scales[0] : 1) * Weights.unit(conv.quantization);
    this.epilogue = Epilogue.random(dice, product, conv.depth());
    boolean realBias = input == Input.FIXED || epilogue.type() == DataType.F32;
    this.bias = Bias.random(dice, conv.outChannels(), realBias ? product : 0)
        .fitting(conv.quantization, epilogue.type());
  }

  @Override
  Conv2d prepare(Octet octet, Memory memory) {
    Conv2d.Builder builder = octet.conv2d().weights(conv.weights(memory), conv.layout).groups(conv.groups);
    switch (input) {
      case FIXED -> builder.input(type, Quantization.perTensor(scales[0], zeroPoints[0]));
      case AT_RUN -> builder.inputAtRun(type);
      case PER_IMAGE -> builder.inputPerImage(type);
    }
    conv.window.apply(builder::stride, builder::dilation, builder::padding);
    bias.apply(builder::bias, builder::bias);
    epilogue.apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder.prepare();
  }

  @Override
  List<Output> run(Conv2d op, Memory memory) {
    Output y = memory.result("y", epilogue.type(), op.outputShape(conv.images));
    int height = conv.images.intDim(1);
    int width = conv.images.intDim(2);
    if (input == Input.FIXED) {
      op.run(memory.of(x), y.data(), conv.batch(), height, width);
    } else {
      op.run(memory.of(x), memory.of(scales), memory.of(zeroPoints), y.data(), conv.batch(), height, width);
    }
    return List.of(y);
  }

  @Override
  public String toString() {
    return "conv2d of " + type + " " + conv + ", input " + input + " " + Arrays.toString(scales)
        + " zero points " + Arrays.toString(zeroPoints) + ", " + bias + ", " + epilogue;
  }
}
