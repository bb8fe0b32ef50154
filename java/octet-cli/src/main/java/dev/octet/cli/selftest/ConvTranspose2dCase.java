package dev.octet.cli.selftest;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.ConvTranspose2d;
import java.util.List;

/** A transposed convolution: grouped or not, strided, dilated, padded on both ends. */
final class ConvTranspose2dCase extends OpCase<ConvTranspose2d> {
  private final int groups;
  private final Window window;
  private final int outputPadHeight;
  private final int outputPadWidth;
  private final WeightLayout layout;
  private final ConvolutionData data;

  ConvTranspose2dCase(Dice dice) {
    this.window = Window.random(dice, dice.oneIn(8) ? 7 : 3);
    this.groups = dice.oneIn(2) ? 1 : dice.between(2, 5);
    int in = groups * Math.ceilDiv(dice.size(70), groups);
    int out = Math.ceilDiv(dice.size(70), groups);
    this.outputPadHeight = dice.between(0, Math.max(window.strideHeight(), window.dilationHeight()) - 1);
    this.outputPadWidth = dice.between(0, Math.max(window.strideWidth(), window.dilationWidth()) - 1);
    this.layout = dice.pick(WeightLayout.IOHW, WeightLayout.HWOI);
    boolean channelsFirst = layout == WeightLayout.IOHW;
    // Each side of padding is smaller than the window: an image as large has an output.
    Shape images = Shape.of(dice.oneIn(24) ? 0 : dice.between(1, 2),
        window.kernelHeight() + dice.size(6), window.kernelWidth() + dice.size(6), in);
    this.data = ConvolutionData.random(dice, images,
        channelsFirst
            ? Shape.of(in, out, window.kernelHeight(), window.kernelWidth())
            : Shape.of(window.kernelHeight(), window.kernelWidth(), out, in),
        channelsFirst ? 1 : 2, out * groups, in / groups * window.kernelHeight() * window.kernelWidth());
  }

  @Override
  ConvTranspose2d prepare(Octet octet, Memory memory) {
    ConvTranspose2d.Builder builder = octet.convTranspose2d().input(data.input(), data.inputQuantization())
        .weights(data.weightsIn(memory), layout).groups(groups)
        .outputPadding(outputPadHeight, outputPadWidth);
    window.apply(builder::stride, builder::dilation, builder::padding);
    data.bias().apply(builder::bias, builder::bias);
    data.epilogue().apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder.prepare();
  }

  @Override
  List<Output> run(ConvTranspose2d op, Memory memory) {
    Shape images = data.images();
    Output y = memory.result("y", data.epilogue().type(), op.outputShape(images));
    op.run(memory.of(data.x()), y.data(), images.intDim(0), images.intDim(1), images.intDim(2));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "convTranspose2d of " + data + ", layout " + layout + ", groups " + groups + ", " + window
        + ", output padding " + outputPadHeight + " " + outputPadWidth;
  }
}
