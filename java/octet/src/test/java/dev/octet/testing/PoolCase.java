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
        yield builder.prepare();
      }
      case AVERAGE -> {
        AveragePool.Builder builder = subject.octet().averagePool().input(x.type(), input)
            .output(x.type(), output)
            .window(window.kernelHeight(), window.kernelWidth())
            .stride(window.strideHeight(), window.strideWidth())
            .dilation(window.dilationHeight(), window.dilationWidth())
            .padding(window.top(), window.left(), window.bottom(), window.right());
        yield (countPadding ? builder.countPadding() : builder).prepare();
      }
      case GLOBAL_AVERAGE ->
        subject.octet().globalAveragePool().input(x.type(), input).output(x.type(), output).prepare();
    };
  }

  @Override
  public String describe() {
    return "pool " + kind + " " + x + " " + input + " to " + output + ", " + window
        + (countPadding ? ", padding counts" : "");
  }

  @Override
  public String explain(String result, long index) {
    return "channel " + index % x.shape().dim(3) + " of output pixel " + index / x.shape().dim(3);
  }
}
