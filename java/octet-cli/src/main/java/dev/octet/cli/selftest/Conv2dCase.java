package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv2d;
import java.util.List;

/** A convolution: dense, grouped or depthwise, strided, dilated, padded. */
final class Conv2dCase extends OpCase<Conv2d> {
  private final Shape images;
  private final int groups;
  private final Window window;
  private final DataType input;
  private final Quantization inputQuantization;
  private final byte[] x;
  private final WeightLayout layout;
  private final DataType weightType;
  private final Shape weightShape;
  private final Quantization weightQuantization;
  private final byte[] weights;
  private final Bias bias;
  private final Epilogue epilogue;

  Conv2dCase(Dice dice) {
    this.window = Window.random(dice, dice.oneIn(8) ? 7 : 3);
    int in = dice.size(70);
    int out = dice.size(70);
    switch (dice.between(0, 2)) {
      case 0 -> this.groups = 1;
      case 1 -> {
        this.groups = dice.between(2, 5);
        in = Math.ceilDiv(in, groups);
        out = Math.ceilDiv(out, groups);
      }
      default -> {
        this.groups = in; // depthwise
        in = 1;
        out = dice.oneIn(2) ? 1 : dice.between(1, 4);
      }
    }
    int outChannels = out * groups;
    int batch = dice.oneIn(24) ? 0 : dice.between(1, 2);
    this.images = Shape.of(batch, window.imageHeight(dice, 8), window.imageWidth(dice, 8),
        (long) in * groups);
    this.input = dice.byteType();
    this.inputQuantization = Quantization.perTensor(dice.scale(), dice.zeroPoint(input));
    this.x = dice.integers(input, images.elements());
    this.layout = dice.pick(WeightLayout.OHWI, WeightLayout.OIHW, WeightLayout.HWIO);
    this.weightType = dice.byteType();
    this.weightShape = switch (layout) {
      case OIHW -> Shape.of(outChannels, in, window.kernelHeight(), window.kernelWidth());
      case HWIO -> Shape.of(window.kernelHeight(), window.kernelWidth(), in, outChannels);
      default -> Shape.of(outChannels, window.kernelHeight(), window.kernelWidth(), in);
    };
    this.weightQuantization = Weights.quantization(dice, weightType, layout == WeightLayout.HWIO ? 3 : 0,
        outChannels);
    this.weights = dice.integers(weightType, weightShape.elements());
    float product = inputQuantization.scale(0) * Weights.unit(weightQuantization);
    Bias any = Bias.random(dice, outChannels, product);
    this.epilogue = Epilogue.random(dice, product, in * window.kernelHeight() * window.kernelWidth());
    this.bias = any.fitting(weightQuantization, epilogue.type());
  }

  @Override
  Conv2d prepare(Octet octet, Memory memory) {
    Conv2d.Builder builder = octet.conv2d().input(input, inputQuantization)
        .weights(QTensor.of(weightType, weightShape, weightQuantization, memory.of(weights)), layout)
        .groups(groups);
    window.apply(builder::stride, builder::dilation, builder::padding);
    bias.apply(builder::bias, builder::bias);
    epilogue.apply(builder::output, builder::outputS32, builder::outputF32, builder::clamp);
    return builder.prepare();
  }

  @Override
  List<Output> run(Conv2d op, Memory memory) {
    Output y = memory.result("y", epilogue.type(), op.outputShape(images));
    op.run(memory.of(x), y.data(), images.intDim(0), images.intDim(1), images.intDim(2));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "conv2d of " + input + " " + images + " " + inputQuantization + ", weights " + weightType + " "
        + layout + " " + weightShape + " " + weightQuantization
        + Weights.text(weightQuantization) + ", groups " + groups + ", "
        + window + ", " + bias + ", " + epilogue;
  }
}
