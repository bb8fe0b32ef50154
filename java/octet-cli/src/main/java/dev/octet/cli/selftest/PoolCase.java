package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.op.AveragePool;
import dev.octet.op.MaxPool;
import dev.octet.op.Pool;
import java.util.List;

/** A pooling of 8-bit images. */
final class PoolCase extends OpCase<Pool> {
  /** What is taken of a window. */
  enum Kind {
    MAX, AVERAGE, GLOBAL_AVERAGE
  }

  private final Kind kind;
  private final Window window;
  private final DataType type;
  private final Shape images;
  private final byte[] x;
  private final Quantization input;
  private final Quantization output;
  private final boolean countPadding;
  private final boolean ceil;

  PoolCase(Dice dice, Kind kind) {
    this.kind = kind;
    this.window = Window.random(dice, 5);
    this.type = dice.byteType();
    this.images = Shape.of(dice.oneIn(24) ? 0 : dice.between(1, 3), window.imageHeight(dice, 10),
        window.imageWidth(dice, 10), dice.size(200));
    this.x = dice.integers(type, images.elements());
    float scale = dice.scale();
    this.input = Quantization.perTensor(scale, dice.zeroPoint(type));
    this.output = Quantization.perTensor(dice.scaleNear(scale), dice.zeroPoint(type));
    this.countPadding = dice.oneIn(2);
    this.ceil = dice.oneIn(3);
  }

  @Override
  Pool prepare(Octet octet, Memory memory) {
    return switch (kind) {
      case MAX -> {
        MaxPool.Builder builder = octet.maxPool().input(type)
            .window(window.kernelHeight(), window.kernelWidth());
        window.apply(builder::stride, builder::dilation, builder::padding);
        yield (ceil ? builder.ceilMode() : builder).prepare();
      }
      case AVERAGE -> {
        AveragePool.Builder builder = octet.averagePool().input(type, input).output(type, output)
            .window(window.kernelHeight(), window.kernelWidth());
        window.apply(builder::stride, builder::dilation, builder::padding);
        if (ceil) {
          builder.ceilMode();
        }
        yield (countPadding ? builder.countPadding() : builder).prepare();
      }
      case GLOBAL_AVERAGE -> octet.globalAveragePool().input(type, input).output(type, output).prepare();
    };
  }

  @Override
  List<Output> run(Pool op, Memory memory) {
    Output y = memory.result("y", type, op.outputShape(images));
    op.run(memory.of(x), y.data(), images.intDim(0), images.intDim(1), images.intDim(2), images.intDim(3));
    return List.of(y);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case MAX -> "maxPool of " + type + " " + images + ", " + window + (ceil ? ", rounded up" : "");
      case AVERAGE -> "averagePool of " + type + " " + images + " " + input + " to " + output + ", " + window
          + (countPadding ? ", padding counts" : "") + (ceil ? ", rounded up" : "");
      case GLOBAL_AVERAGE -> "globalAveragePool of " + type + " " + images + " " + input + " to " + output;
    };
  }
}
