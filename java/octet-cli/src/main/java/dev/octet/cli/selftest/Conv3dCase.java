package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv3d;
import java.util.List;

/** A convolution of volumes: grouped or not, strided, dilated, padded. */
final class Conv3dCase extends OpCase<Conv3d> {
  private final int groups;
  private final Window window;
  private final int kernelDepth;
  private final int strideDepth;
  private final int dilationDepth;
  private final int padFront;
  private final int padBack;
  private final WeightLayout layout;
  private final ConvolutionData data;

  Conv3dCase(Dice dice) {
    this.window = Window.random(dice, 3);
    this.kernelDepth = dice.between(1, 3);
    this.strideDepth = dice.between(1, 2);
    this.dilationDepth = dice.oneIn(3) ? 2 : 1;
    this.padFront = dice.between(0, kernelDepth - 1);
    this.padBack = dice.between(0, kernelDepth - 1);
    this.groups = dice.oneIn(2) ? 1 : dice.between(2, 5);
    int in = Math.ceilDiv(dice.size(40), groups);
    int out = groups * Math.ceilDiv(dice.size(40), groups);
    this.layout = dice.pick(WeightLayout.OIDHW, WeightLayout.ODHWI);
    int depth = Math.max(1, (kernelDepth - 1) * dilationDepth + 1 - padFront - padBack);
    Shape volumes = Shape.of(dice.oneIn(24) ? 0 : dice.between(1, 2), depth + dice.size(4) - 1,
        window.imageHeight(dice, 5), window.imageWidth(dice, 5), (long) in * groups);
    int products = in * kernelDepth * window.kernelHeight() * window.kernelWidth();
    this.data = ConvolutionData.random(dice, volumes,
        layout == WeightLayout.OIDHW
            ? Shape.of(out, in, kernelDepth, window.kernelHeight(), window.kernelWidth())
            : Shape.of(out, kernelDepth, window.kernelHeight(), window.kernelWidth(), in),
        0, out, products);
  }

  @Override
  Conv3d prepare(Octet octet, Memory memory) {
    Conv3d.Builder builder = octet.conv3d().input(data.input(), data.inputQuantization())
        .weights(data.weightsIn(memory), layout).groups(groups);
    window.apply((height, width) -> builder.stride(strideDepth, height, width),
        (height, width) -> builder.dilation(dilationDepth, height, width),
        (top, left, bottom, right) -> builder.padding(padFront, top, left, padBack, bottom, right));
    data.bias().apply(builder::bias, builder::bias);
    data.epilogue().apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder.prepare();
  }

  @Override
  List<Output> run(Conv3d op, Memory memory) {
    Shape volumes = data.images();
    Output y = memory.result("y", data.epilogue().type(), op.outputShape(volumes));
    op.run(memory.of(data.x()), y.data(), volumes.intDim(0), volumes.intDim(1), volumes.intDim(2),
        volumes.intDim(3));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "conv3d of " + data + ", layout " + layout + ", groups " + groups + ", " + window + ", frames "
        + kernelDepth + ", stride " + strideDepth + ", dilation " + dilationDepth + ", padding " + padFront
        + " "
        + padBack;
  }
}
