package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.AveragePool;
import dev.octet.op.MaxPool;
import dev.octet.op.Pool;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** A pooling of NHWC images. */
final class PoolCase implements OpCase {
  /** What is taken of a window. */
  enum Kind {
    /** The largest. */
    MAX,
    /** The mean. */
    AVERAGE,
    /** The mean of the whole image. */
    GLOBAL_AVERAGE
  }

  final Kind kind;
  /** {@code [batch][height][width][channels]}. */
  final Tensor x;
  final Quantization input;
  final Quantization output;
  /** Without meaning when global. */
  final WindowSizes window;
  boolean countPadding;
  boolean ceil;

  PoolCase(Kind kind, Tensor x, Quantization input, Quantization output, WindowSizes window) {
    this.kind = kind;
    this.x = x;
    this.input = input;
    this.output = output;
    this.window = window;
  }

  static PoolCase random(Dice dice, Kind kind, IntSupplier channels, int maxSide) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    WindowSizes window = WindowSizes.random(dice, 5);
    Tensor x = dice.fill(Tensor.zeros(type, dice.between(1, 3), window.height(dice, maxSide),
        window.width(dice, maxSide), channels.getAsInt()));
    float scale = dice.scale();
    PoolCase c = new PoolCase(kind, x, Quantization.perTensor(scale, dice.zeroPoint(type)),
        Quantization.perTensor(scale * dice.pick(1f, 0.5f, dice.between(0.1f, 2f)), dice.zeroPoint(type)),
        window);
    c.countPadding = kind == Kind.AVERAGE && dice.oneIn(2);
    c.ceil = kind != Kind.GLOBAL_AVERAGE && dice.oneIn(3);
    return c;
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (Pool op = subject.check(prepare(subject))) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(x.type(), shape, Operands.memory(memory, shape.elements()));
      op.run(from.data(), y.data(), x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2),
          x.shape().intDim(3));
      return Map.of("y", y);
    }
  }

  private Pool prepare(Subject subject) {
    return switch (kind) {
      case MAX -> {
        MaxPool.Builder builder = subject.octet().maxPool().input(x.type())
            .window(window.kernelHeight(), window.kernelWidth())
            .stride(window.strideHeight(), window.strideWidth())
            .dilation(window.dilationHeight(), window.dilationWidth())
            .padding(window.top(), window.left(), window.bottom(), window.right());
        yield (ceil ? builder.ceilMode() : builder).prepare();
      }
      case AVERAGE -> {
        AveragePool.Builder builder = subject.octet().averagePool().input(x.type(), input)
            .output(x.type(), output)
            .window(window.kernelHeight(), window.kernelWidth())
            .stride(window.strideHeight(), window.strideWidth())
            .dilation(window.dilationHeight(), window.dilationWidth())
            .padding(window.top(), window.left(), window.bottom(), window.right());
        if (ceil) {
          builder.ceilMode();
        }
        yield (countPadding ? builder.countPadding() : builder).prepare();
      }
      case GLOBAL_AVERAGE ->
        subject.octet().globalAveragePool().input(x.type(), input).output(x.type(), output).prepare();
    };
  }

  @Override
  public Map<String, Tensor> law() {
    if (kind != Kind.AVERAGE) {
      return Map.of();
    }
    int height = x.shape().intDim(1);
    int width = x.shape().intDim(2);
    int channels = x.shape().intDim(3);
    int outHeight = window.outHeight(height, ceil);
    int outWidth = window.outWidth(width, ceil);
    Law.Output bounds = new Law.Output(x.type(), output.scale(0), output.zeroPoint(0),
        Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY);
    Tensor y = Tensor.zeros(x.type(), x.shape().dim(0), outHeight, outWidth, channels);
    for (int i = 0; i < y.elements(); i++) {
      int ox = i / channels % outWidth;
      int oy = i / channels / outWidth % outHeight;
      long image = (long) (i / channels / outWidth / outHeight) * height;
      int count = 0;
      int sum = 0;
      for (int tap = 0; tap < window.kernelHeight() * window.kernelWidth(); tap++) {
        int row = oy * window.strideHeight() - window.top()
            + tap / window.kernelWidth() * window.dilationHeight();
        int column = ox * window.strideWidth() - window.left()
            + tap % window.kernelWidth() * window.dilationWidth();
        boolean inside = row >= 0 && row < height && column >= 0 && column < width;
        if (inside) {
          sum += x.get(((image + row) * width + column) * channels + i % channels) - input.zeroPoint(0);
        }
        boolean padded = row < height + window.bottom() && column < width + window.right();
        count += inside || (countPadding && padded) ? 1 : 0;
      }
      // A window between all pixels has the mean 0.
      float mean = count == 0 ? 0 : (float) sum * (input.scale(0) / (count * output.scale(0)));
      y.set(i, bounds.round(mean));
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return "pool " + kind + " " + x + " " + input + " to " + output + ", " + window
        + (countPadding ? ", padding counts" : "")
        + (ceil ? ", rounded up" : "");
  }

  @Override
  public String explain(String result, long index) {
    return "channel " + index % x.shape().dim(3) + " of output pixel " + index / x.shape().dim(3);
  }
}
