package dev.octet.testing;

import dev.octet.CoordinateMode;
import dev.octet.DataType;
import dev.octet.NearestMode;
import dev.octet.Shape;
import dev.octet.op.Resize;
import java.lang.foreign.SegmentAllocator;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Images of another size, and the law of resizing a second time.
 *
 * @param x {@code [batch][height][width][channels]}
 * @param nearest null: linear
 * @param coordinates the formula
 * @param outHeight rows of the result
 * @param outWidth columns of the result
 * @param factors of height and width, which the op is told instead of the size; null: it is told the size
 */
record ResizeCase(Tensor x, NearestMode nearest, CoordinateMode coordinates, int outHeight, int outWidth,
    float[] factors) implements OpCase {
  static ResizeCase random(Dice dice, IntSupplier channels, int maxSide) {
    DataType type = dice.pick(DataType.U8, DataType.S8);
    int depth = dice.oneIn(2) ? dice.between(1, 4) : channels.getAsInt();
    Tensor x = dice.fill(
        Tensor.zeros(type, dice.between(1, 2), dice.size(maxSide), dice.size(maxSide), depth));
    NearestMode nearest = dice.oneIn(2) ? null : dice.pick(NearestMode.values());
    CoordinateMode coordinates = dice.pick(CoordinateMode.values());
    if (dice.oneIn(2)) {
      return new ResizeCase(x, nearest, coordinates, side(dice, x.shape().intDim(1), maxSide),
          side(dice, x.shape().intDim(2), maxSide), null);
    }
    float[] factors = {factor(dice, x.shape().intDim(1)), factor(dice, x.shape().intDim(2))};
    return new ResizeCase(x, nearest, coordinates, scaled(x.shape().intDim(1), factors[0]),
        scaled(x.shape().intDim(2), factors[1]), factors);
  }

  /** Half as often any size, else one that makes ties: a multiple of the side, or its half. */
  private static int side(Dice dice, int in, int maxSide) {
    return switch (dice.between(0, 3)) {
      case 0 -> in * dice.between(1, 3);
      case 1 -> Math.max(1, in / 2);
      default -> dice.size(2 * maxSide);
    };
  }

  /** A factor that leaves at least one pixel. */
  private static float factor(Dice dice, int in) {
    return dice.until(any -> scaled(in, any) > 0, () -> switch (dice.between(0, 3)) {
      case 0 -> (float) dice.between(1, 4);
      case 1 -> dice.between(1, 30) / 10f;
      case 2 -> 1 + dice.between(0f, 1f) / in;
      default -> dice.between(0.05f, 3f);
    });
  }

  private static int scaled(int in, float factor) {
    return (int) (in * factor);
  }

  @Override
  public Map<String, Tensor> run(Subject subject, SegmentAllocator memory) {
    Resize.Builder builder = subject.octet().resize().input(x.type()).coordinates(coordinates);
    if (factors == null) {
      builder.outputSize(outHeight, outWidth);
    } else {
      builder.outputFactors(factors[0], factors[1]);
    }
    if (nearest == null) {
      builder.linear();
    } else {
      builder.nearest(nearest);
    }
    try (Resize op = subject.check(builder.prepare())) {
      Tensor from = x.copyTo(memory);
      Shape shape = op.outputShape(x.shape());
      Tensor y = new Tensor(x.type(), shape, Operands.memory(memory, shape.elements()));
      op.run(from.data(), y.data(), x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2),
          x.shape().intDim(3));
      return Map.of("y", y);
    }
  }

  /** The pixels of an axis that an output pixel is made of, and their weights. */
  private record Taps(int first, float firstWeight, int second, float secondWeight) {}

  private float coordinate(int axis, int o) {
    int in = x.shape().intDim(1 + axis);
    int out = axis == 0 ? outHeight : outWidth;
    if (outHeight == x.shape().intDim(1) && outWidth == x.shape().intDim(2)) {
      return o;
    }
    float scale = factors == null ? (float) out / in : factors[axis];
    boolean lone = out == 1
        && (coordinates == CoordinateMode.ALIGN_CORNERS || coordinates == CoordinateMode.PYTORCH_HALF_PIXEL);
    if (lone) {
      return 0;
    }
    return switch (coordinates) {
      case HALF_PIXEL, PYTORCH_HALF_PIXEL -> (o + 0.5f) / scale - 0.5f;
      case ASYMMETRIC -> o / scale;
      case ALIGN_CORNERS -> o * (in - 1f) / (out - 1f);
    };
  }

  private Taps taps(int axis, int o) {
    int last = x.shape().intDim(1 + axis) - 1;
    float at = coordinate(axis, o);
    if (nearest == null) {
      at = Math.min(Math.max(at, 0), last);
      int first = (int) Math.floor(at);
      return first == last
          ? new Taps(last, 0.5f, last, 0.5f)
          : new Taps(first, first + 1 - at, first + 1, at - first);
    }
    double exact = at;
    double down = Math.floor(exact);
    boolean tie = Math.abs(exact - down - 0.5) < 1e-6;
    double near = switch (nearest) {
      case FLOOR -> down;
      case CEIL -> Math.ceil(exact);
      case ROUND_PREFER_FLOOR -> tie ? down : Math.round(exact);
      case ROUND_PREFER_CEIL -> tie ? down + 1 : Math.round(exact);
    };
    int index = (int) Math.clamp(near, 0, (double) last);
    return new Taps(index, 1, index, 0);
  }

  @Override
  public Map<String, Tensor> law() {
    int channels = x.shape().intDim(3);
    Tensor y = Tensor.zeros(x.type(), x.shape().dim(0), outHeight, outWidth, channels);
    for (int i = 0; i < y.elements(); i++) {
      int channel = i % channels;
      Taps column = taps(1, i / channels % outWidth);
      Taps row = taps(0, i / channels / outWidth % outHeight);
      int image = i / channels / outWidth / outHeight;
      float[] products = {column.firstWeight * row.firstWeight * at(image, row.first, column.first, channel),
          column.secondWeight * row.firstWeight * at(image, row.first, column.second, channel),
          column.firstWeight * row.secondWeight * at(image, row.second, column.first, channel),
          column.secondWeight * row.secondWeight * at(image, row.second, column.second, channel)};
      y.set(i, (int) (products[0] + products[1] + products[2] + products[3]));
    }
    return Map.of("y", y);
  }

  private int at(int image, int row, int column, int channel) {
    return x.get(
        ((long) (image * x.shape().intDim(1) + row) * x.shape().intDim(2) + column) * x.shape().intDim(3)
            + channel);
  }

  @Override
  public String describe() {
    return "resize " + x + " to " + outHeight + " x " + outWidth
        + (factors == null ? "" : " by " + factors[0] + " and " + factors[1]) + ", "
        + (nearest == null ? "linear" : nearest.toString()) + ", " + coordinates;
  }

  @Override
  public String explain(String result, long index) {
    long pixel = index / x.shape().dim(3);
    int row = (int) (pixel / outWidth % outHeight);
    int column = (int) (pixel % outWidth);
    return "channel " + index % x.shape().dim(3) + " of row " + row + " = " + coordinate(0, row) + ", column "
        + column + " = " + coordinate(1, column);
  }
}
