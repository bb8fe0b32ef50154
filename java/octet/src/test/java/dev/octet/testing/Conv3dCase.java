package dev.octet.testing;

import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.Conv3d;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A convolution of NDHWC volumes. */
final class Conv3dCase extends ConvolutionCase {
  /** {@code [batch][depth][height][width][channels]}. */
  final Tensor x;
  /** {@code [O][D][H][W][I]}. */
  final Tensor w;
  final WindowSizes window;
  /** The windows along the depth. */
  final Frames frames;
  WeightLayout layout = WeightLayout.OIDHW;

  /** Windows along the depth. */
  record Frames(int kernel, int stride, int dilation, int front, int back) {
    static Frames random(Dice dice) {
      int kernel = dice.between(1, 3);
      return new Frames(kernel, dice.between(1, 3), dice.oneIn(3) ? dice.between(1, 3) : 1,
          dice.between(0, kernel - 1), dice.between(0, kernel - 1));
    }

    int depth(Dice dice, int max) {
      return Math.max(1, (kernel - 1) * dilation + 1 - front - back) + dice.size(max) - 1;
    }

    int outDepth(int depth) {
      return (depth + front + back - ((kernel - 1) * dilation + 1)) / stride + 1;
    }
  }

  /** With data to be filled. */
  Conv3dCase(Kind kind, Shape images, int inPerGroup, int outPerGroup, int groups, Frames frames,
      WindowSizes window) {
    super(kind, groups);
    this.frames = frames;
    this.window = window;
    this.x = Tensor.zeros(kind.input(), images.dim(0), images.dim(1), images.dim(2), images.dim(3),
        (long) inPerGroup * groups);
    this.w = Tensor.zeros(kind.weights(), (long) outPerGroup * groups, frames.kernel(), window.kernelHeight(),
        window.kernelWidth(), inPerGroup);
  }

  /** Random data, scales and zero points; no bias, no clamp. */
  static Conv3dCase random(Dice dice, Kind kind, IntSupplier channels, int maxSide) {
    // One in four has windows of one pixel a frame, as where a convolution was split in two.
    WindowSizes window = dice.oneIn(4) ? WindowSizes.plain(1, 1) : WindowSizes.random(dice, 3);
    Frames frames = Frames.random(dice);
    int in = channels.getAsInt();
    int out = channels.getAsInt();
    int groups = 1;
    if (dice.oneIn(3)) {
      groups = dice.between(2, 5);
      in = Math.ceilDiv(in, groups);
      out = Math.ceilDiv(out, groups);
    } else if (dice.oneIn(4)) {
      groups = in;
      in = 1;
      out = dice.oneIn(2) ? 1 : dice.between(1, 4);
    }
    Shape images = Shape.of(dice.between(1, 2), frames.depth(dice, maxSide), window.height(dice, maxSide),
        window.width(dice, maxSide));
    Conv3dCase c = new Conv3dCase(kind, images, in, out, groups, frames, window);
    dice.fill(c.x);
    dice.fill(c.w);
    c.layout = dice.pick(WeightLayout.OIDHW, WeightLayout.ODHWI);
    c.randomNumbers(dice, out * groups);
    return c;
  }

  @Override
  Shape outShape() {
    return Shape.of(x.shape().dim(0), frames.outDepth(x.shape().intDim(1)),
        window.outHeight(x.shape().intDim(2)), window.outWidth(x.shape().intDim(3)), w.shape().dim(0));
  }

  /** The sum over all pixels that the window covers. */
  @Override
  int accumulator(long pixel, int o) {
    Shape out = outShape();
    long column = pixel % out.dim(3) * window.strideWidth() - window.left();
    long row = pixel / out.dim(3) % out.dim(2) * window.strideHeight() - window.top();
    long frame = pixel / out.dim(3) / out.dim(2) % out.dim(1) * frames.stride() - frames.front();
    long volume = pixel / out.dim(3) / out.dim(2) / out.dim(1);
    int sum = 0;
    for (int kz = 0; kz < frames.kernel(); kz++) {
      for (int ky = 0; ky < window.kernelHeight(); ky++) {
        for (int kx = 0; kx < window.kernelWidth(); kx++) {
          sum += products(volume, frame + (long) kz * frames.dilation(),
              row + (long) ky * window.dilationHeight(), column + (long) kx * window.dilationWidth(),
              (kz * window.kernelHeight() + ky) * window.kernelWidth() + kx, o);
        }
      }
    }
    return sum;
  }

  private int products(long volume, long z, long y, long column, int tap, int o) {
    Shape from = x.shape();
    if (z < 0 || z >= from.dim(1) || y < 0 || y >= from.dim(2) || column < 0 || column >= from.dim(3)) {
      return 0;
    }
    int in = w.shape().intDim(4);
    long taps = w.elements() / w.shape().dim(0) / in;
    long pixel = (((volume * from.dim(1) + z) * from.dim(2) + y) * from.dim(3) + column) * from.dim(4)
        + (long) (o / (outChannels() / groups)) * in;
    int sum = 0;
    for (int i = 0; i < in; i++) {
      sum += (x.get(pixel + i) - inputZeroPoint) * (w.get((o * taps + tap) * in + i) - weightZeroPoint(o));
    }
    return sum;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (Conv3d op = subject.check(prepare(subject, memory))) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(kind.output(), shape,
          Operands.memory(memory, kind.output().bytes(shape.elements())));
      op.run(from.data(), y.data(), x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2),
          x.shape().intDim(3));
      return Map.of("y", y);
    }
  }

  private Conv3d prepare(Subject subject, SegmentAllocator memory) {
    Tensor stored = (layout == WeightLayout.OIDHW ? volumesChannelsFirst(w) : w).copyTo(memory);
    Conv3d.Builder builder = subject.octet().conv3d().input(kind.input(), inputQuantization())
        .weights(QTensor.of(kind.weights(), stored.shape(), weightQuantization(0), stored.data()), layout)
        .groups(groups).stride(frames.stride(), window.strideHeight(), window.strideWidth())
        .dilation(frames.dilation(), window.dilationHeight(), window.dilationWidth())
        .padding(frames.front(), window.top(), window.left(), frames.back(), window.bottom(), window.right());
    output(builder::bias, builder::bias, builder::outputS32, builder::outputF32, builder::output,
        builder::clamp);
    return builder.prepare();
  }

  /** {@code [a][depth][height][width][channels]} as {@code [a][channels][depth][height][width]}. */
  static Tensor volumesChannelsFirst(Tensor tensor) {
    Shape s = tensor.shape();
    return Operands.channelsFirst(tensor.reshape(s.dim(0), s.dim(1) * s.dim(2), s.dim(3), s.dim(4)))
        .reshape(s.dim(0), s.dim(4), s.dim(1), s.dim(2), s.dim(3));
  }

  @Override
  public String describe() {
    return "conv3d of " + x.shape() + " with " + layout + " of ODHWI " + w.shape() + ", " + frames + ", "
        + window + ", " + numbers();
  }
}
