package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.op.Pad;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Images with a border of one value.
 *
 * @param x {@code [batch][height][width][channels]}
 * @param top rows above
 * @param left columns on the left
 * @param bottom rows below
 * @param right columns on the right
 * @param value the integer of the border
 */
record PadCase(Tensor x, int top, int left, int bottom, int right, int value) implements OpCase {
  static PadCase random(Dice dice, IntSupplier channels, int maxSide) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    Tensor x = dice.fill(Tensor.zeros(type, dice.between(1, 3), dice.size(maxSide), dice.size(maxSide),
        channels.getAsInt()));
    return new PadCase(x, dice.between(0, 3), dice.between(0, 3), dice.between(0, 3), dice.between(0, 3),
        dice.zeroPoint(type));
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    try (Pad op = subject.check(subject.octet().pad().input(x.type()).padding(top, left, bottom, right)
        .value(value).prepare())) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(x.type(), shape, Operands.memory(memory, shape.elements()));
      op.run(from.data(), y.data(), x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2),
          x.shape().intDim(3));
      return Map.of("y", y);
    }
  }

  @Override
  public Map<String, Tensor> law() {
    int height = x.shape().intDim(1);
    int width = x.shape().intDim(2);
    int channels = x.shape().intDim(3);
    int outHeight = top + height + bottom;
    int outWidth = left + width + right;
    Tensor y = Tensor.zeros(x.type(), x.shape().dim(0), outHeight, outWidth, channels);
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, value);
    }
    for (long i = 0; i < x.elements(); i++) {
      long pixel = i / channels;
      long column = pixel % width + left;
      long row = pixel / width % height + top;
      long image = pixel / width / height;
      y.set(((image * outHeight + row) * outWidth + column) * channels + i % channels, x.get(i));
    }
    return Map.of("y", y);
  }

  @Override
  public String describe() {
    return "pad " + x + " by " + top + " " + left + " " + bottom + " " + right + " of " + value;
  }

  @Override
  public String explain(String result, long index) {
    return "channel " + index % x.shape().dim(3) + " of output pixel " + index / x.shape().dim(3);
  }
}
