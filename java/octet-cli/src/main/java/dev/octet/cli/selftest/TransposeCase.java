package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.ImageLayout;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.TransposeImages;
import java.util.List;

/** 8-bit images in the other order of dimensions. */
final class TransposeCase extends OpCase<TransposeImages> {
  private final ImageLayout to;
  private final DataType type;
  private final int batch;
  private final int height;
  private final int width;
  private final int channels;
  private final byte[] x;

  TransposeCase(Dice dice) {
    this.to = dice.pick(ImageLayout.values());
    this.type = dice.byteType();
    this.batch = dice.oneIn(24) ? 0 : dice.between(1, 3);
    this.height = dice.size(40);
    this.width = dice.size(40);
    this.channels = dice.oneIn(3) ? dice.between(1, 4) : dice.size(200);
    this.x = dice.integers(type, (long) batch * height * width * channels);
  }

  @Override
  TransposeImages prepare(Octet octet, Memory memory) {
    return octet.transposeImages().input(type).to(to).prepare();
  }

  @Override
  List<Output> run(TransposeImages op, Memory memory) {
    Output y = memory.result("y", type, op.outputShape(to == ImageLayout.NHWC
        ? Shape.of(batch, channels, height, width)
        : Shape.of(batch, height, width, channels)));
    op.run(memory.of(x), y.data(), batch, height, width, channels);
    return List.of(y);
  }

  @Override
  public String toString() {
    return "transposeImages of " + type + ", " + batch + " of " + height + " x " + width + " x " + channels
        + " to " + to;
  }
}
