package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.ImageLayout;
import dev.octet.Shape;
import dev.octet.op.TransposeImages;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/** Images in the other order of dimensions. */
final class TransposeCase implements OpCase {
  /** In the order that {@link #to} is not. */
  final Tensor x;
  final ImageLayout to;

  TransposeCase(Tensor x, ImageLayout to) {
    this.x = x;
    this.to = to;
  }

  static TransposeCase random(Dice dice, IntSupplier channels, int maxSide) {
    ImageLayout to = dice.pick(ImageLayout.values());
    int batch = dice.between(1, 3);
    int height = dice.size(maxSide);
    int width = dice.size(maxSide);
    int depth = dice.oneIn(3) ? dice.between(1, 4) : channels.getAsInt();
    Shape shape = to == ImageLayout.NHWC
        ? Shape.of(batch, depth, height, width)
        : Shape.of(batch, height, width, depth);
    return new TransposeCase(
        dice.fill(Tensor.zeros(dice.pick(DataType.U8, DataType.S8), shape.toArray())), to);
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (TransposeImages op = subject
        .check(subject.octet().transposeImages().input(x.type()).to(to).prepare())) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(x.type(), shape, Operands.memory(memory, shape.elements()));
      Shape pixels = to == ImageLayout.NHWC ? shape : x.shape();
      op.run(from.data(), y.data(), pixels.intDim(0), pixels.intDim(1), pixels.intDim(2), pixels.intDim(3));
      return Map.of("y", y);
    }
  }

  @Override
  public Map<String, Tensor> law() {
    return Map.of("y", to == ImageLayout.NHWC ? Operands.channelsLast(x) : Operands.channelsFirst(x));
  }

  @Override
  public String describe() {
    return "transpose " + x + " to " + to;
  }

  @Override
  public String explain(String result, long index) {
    return "element " + index;
  }
}
