package dev.octet.cli.selftest;

import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.NearestMode;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.op.Resize;
import java.util.List;

/** 8-bit images of another size. */
final class ResizeCase extends OpCase<Resize> {
  private final DataType type;
  private final Shape images;
  private final boolean linear;
  private final NearestMode nearest;
  private final CoordinateMode coordinates;
  private final boolean byFactors;
  private final float heightFactor;
  private final float widthFactor;
  private final byte[] x;

  ResizeCase(Dice dice) {
    this.type = dice.byteType();
    this.images = Shape.of(dice.oneIn(24) ? 0 : dice.between(1, 2), dice.size(30), dice.size(30),
        dice.oneIn(2) ? dice.between(1, 4) : dice.size(100));
    this.linear = dice.oneIn(2);
    this.nearest = dice.pick(NearestMode.values());
    this.coordinates = dice.pick(CoordinateMode.values());
    this.byFactors = dice.oneIn(2);
    this.heightFactor = factor(dice, images.intDim(1));
    this.widthFactor = factor(dice, images.intDim(2));
    this.x = dice.integers(type, images.elements());
  }

  /** At least one pixel is left. */
  private static float factor(Dice dice, int size) {
    return Math.max(dice.oneIn(2) ? dice.between(1, 6) / 2f : dice.between(0.1f, 3f), 1.01f / size);
  }

  @Override
  Resize prepare(Octet octet, Memory memory) {
    Resize.Builder builder = octet.resize().input(type).coordinates(coordinates);
    if (byFactors) {
      builder.outputFactors(heightFactor, widthFactor);
    } else {
      builder.outputSize((int) (images.dim(1) * heightFactor), (int) (images.dim(2) * widthFactor));
    }
    return (linear ? builder.linear() : builder.nearest(nearest)).prepare();
  }

  @Override
  List<Output> run(Resize op, Memory memory) {
    Output y = memory.result("y", type, op.outputShape(images));
    op.run(memory.of(x), y.data(), images.intDim(0), images.intDim(1), images.intDim(2), images.intDim(3));
    return List.of(y);
  }

  @Override
  public String toString() {
    return "resize of " + type + " " + images + (byFactors ? " by " : " to the size by ") + heightFactor
        + " and "
        + widthFactor + ", " + (linear ? "linear" : nearest.toString()) + ", " + coordinates;
  }
}
