package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.Pad;
import java.util.List;

/** 8-bit images with a border. */
final class PadCase extends OpCase<Pad> {
  private final DataType type;
  private final Shape images;
  private final int[] border = new int[4];
  private final int value;
  private final byte[] x;

  PadCase(Dice dice) {
    this.type = dice.byteType();
    this.images = Shape.of(dice.oneIn(24) ? 0 : dice.between(1, 3), dice.size(20), dice.size(20),
        dice.size(200));
    for (int side = 0; side < border.length; side++) {
      border[side] = dice.between(0, 3);
    }
    this.value = dice.zeroPoint(type);
    this.x = dice.integers(type, images.elements());
  }

  @Override
  Pad prepare(Octet octet, Memory memory) {
    return octet.pad().input(type).padding(border[0], border[1], border[2], border[3]).value(value).prepare();
  }

  @Override
  List<Output> run(Pad op, Memory memory) {
    Output y = memory.result("y", type, op.outputShape(images));
    op.run(memory.of(x), y.data(), images.intDim(0), images.intDim(1), images.intDim(2), images.intDim(3));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "pad of " + type + " " + images + " by " + border[0] + " " + border[1] + " " + border[2] + " "
        + border[3] + " of " + value;
  }
}
