package dev.octet.testing;

import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.ConvTranspose2d;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A transposed convolution of NHWC images. */
final class ConvTranspose2dCase extends ConvolutionCase {
  /** {@code [batch][height][width][channels]}. */
  final Tensor x;
  /** {@code [I][H][W][O]}: I all input channels, O the output channels of a group. */
  final Tensor w;
  final WindowSizes window;
  final int outputPadHeight;
  final int outputPadWidth;
  WeightLayout layout = WeightLayout.IOHW;

  /** With data to be filled. */
  ConvTranspose2dCase(Kind kind, int batch, int height, int width, int inPerGroup, int outPerGroup,
      int groups, WindowSizes window, int outputPadHeight, int outputPadWidth) {
    super(kind, groups);
    this.window = window;
    this.outputPadHeight = outputPadHeight;
    this.outputPadWidth = outputPadWidth;
    this.x = Tensor.zeros(kind.input(), batch, height, width, (long) inPerGroup * groups);
    this.w = Tensor.zeros(kind.weights(), (long) inPerGroup * groups, window.kernelHeight(),
        window.kernelWidth(), outPerGroup);
  }

  /** Random data, scales and zero points; no bias, no clamp. */
  static ConvTranspose2dCase random(Dice dice, Kind kind, IntSupplier channels, int maxSide) {
    WindowSizes window = WindowSizes.random(dice, dice.oneIn(8) ? 7 : 3);
    int in = channels.getAsInt();
    int out = channels.getAsInt();
    int groups = 1;
    if (dice.oneIn(3)) {
      groups = dice.between(2, 5);
      in = Math.ceilDiv(in, groups);
      out = Math.ceilDiv(out, groups);
    } else if (dice.oneIn(3)) {
      groups = in;
      in = 1;
      out = dice.oneIn(2) ? 1 : dice.between(1, 4);
    }
    int padHeight = dice.between(0, Math.max(window.strideHeight(), window.dilationHeight()) - 1);
    int padWidth = dice.between(0, Math.max(window.strideWidth(), window.dilationWidth()) - 1);
    int least = Math.max(1, window.top() + window.bottom());
    int leastWide = Math.max(1, window.left() + window.right());
    ConvTranspose2dCase c = new ConvTranspose2dCase(kind, dice.between(1, 2), least + dice.size(maxSide) - 1,
        leastWide + dice.size(maxSide) - 1, in, out, groups, window, padHeight, padWidth);
    dice.fill(c.x);
    dice.fill(c.w);
    c.layout = dice.pick(WeightLayout.IOHW, WeightLayout.HWOI);
    c.randomNumbers(dice, out);
    return c;
  }

  @Override
  Shape outShape() {
    return Shape.of(x.shape().dim(0),
        (x.shape().dim(1) - 1) * window.strideHeight() - window.top() - window.bottom() + outputPadHeight
            + (window.kernelHeight() - 1L) * window.dilationHeight() + 1,
        (x.shape().dim(2) - 1) * window.strideWidth() - window.left() - window.right() + outputPadWidth
            + (window.kernelWidth() - 1L) * window.dilationWidth() + 1,
        w.shape().dim(3) * groups);
  }

  /** By the definition: every pixel of the input goes to where its taps are. */
  @Override
  int accumulator(long pixel, int o) {
    Shape out = outShape();
    long column = pixel % out.dim(2);
    long row = pixel / out.dim(2) % out.dim(1);
    long image = pixel / out.dim(2) / out.dim(1);
    int outPerGroup = w.shape().intDim(3);
    int in = x.shape().intDim(3) / groups;
    int sum = 0;
    for (int iy = 0; iy < x.shape().intDim(1); iy++) {
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        if (iy * window.strideHeight() + ky * window.dilationHeight() - window.top() != row) {
          continue;
        }
        for (int ix = 0; ix < x.shape().intDim(2); ix++) {
          for (int kx = 0; kx < window.kernelWidth(); kx++) {
            if (ix * window.strideWidth() + kx * window.dilationWidth() - window.left() == column) {
              sum += products(((image * x.shape().dim(1) + iy) * x.shape().dim(2) + ix) * groups * in,
                  (long) ky * window.kernelWidth() + kx, in, o / outPerGroup * in, o % outPerGroup, o);
            }
          }
        }
      }
    }
    return sum;
  }

  private int products(long pixel, long tap, int in, int first, int o, int channel) {
    long taps = (long) window.kernelHeight() * window.kernelWidth();
    int sum = 0;
    for (int i = first; i < first + in; i++) {
      sum += (x.get(pixel + i) - inputZeroPoint)
          * (w.get((i * taps + tap) * w.shape().dim(3) + o) - weightZeroPoint(channel));
    }
    return sum;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (ConvTranspose2d op = subject.check(prepare(subject, memory))) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(kind.output(), shape,
          Operands.memory(memory, kind.output().bytes(shape.elements())));
      op.run(from.data(), y.data(), x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2));
      return Map.of("y", y);
    }
  }

  private ConvTranspose2d prepare(Subject subject, SegmentAllocator memory) {
    boolean channelsFirst = layout == WeightLayout.IOHW;
    Tensor stored = (channelsFirst ? Operands.channelsFirst(w) : Operands.outputsLast(w)).copyTo(memory);
    ConvTranspose2d.Builder builder = subject.octet().convTranspose2d()
        .input(kind.input(), inputQuantization())
        .weights(QTensor.of(kind.weights(), stored.shape(), weightQuantization(channelsFirst ? 1 : 2),
            stored.data()), layout)
        .groups(groups).stride(window.strideHeight(), window.strideWidth())
        .dilation(window.dilationHeight(), window.dilationWidth())
        .padding(window.top(), window.left(), window.bottom(), window.right())
        .outputPadding(outputPadHeight, outputPadWidth);
    output(builder::bias, builder::bias, builder::outputS32, builder::outputF32, builder::output,
        builder::clamp);
    return builder.prepare();
  }

  @Override
  public String describe() {
    return "convTranspose2d of " + x.shape() + " with " + layout + " of IHWO " + w.shape() + ", " + window
        + ", output padding " + outputPadHeight + " " + outputPadWidth + ", " + numbers();
  }
}
