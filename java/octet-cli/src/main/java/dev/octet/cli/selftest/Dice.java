package dev.octet.cli.selftest;

import dev.octet.DataType;
import java.util.SplittableRandom;

/**
 * Seeded random choices with a taste for trouble: extreme values, sizes beside vector widths, zero points at
 * the ends of the range, scales that make exact ties. Every case has dice of its own, so that one can be
 * repeated alone.
 */
final class Dice {
  private final SplittableRandom random;

  Dice(long seed, String op, int index) {
    this.random = new SplittableRandom(
        (seed * 0x9E3779B97F4A7C15L + index) * 0xD1B54A32D192ED03L + op.hashCode());
  }

  /** True once in so many throws. */
  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** Uniform, both ends included. */
  int between(int lo, int hi) {
    return (int) random.nextLong(lo, hi + 1L);
  }

  /** Uniform. */
  float between(float lo, float hi) {
    return (float) random.nextDouble(lo, Math.nextUp((double) hi));
  }

  @SafeVarargs
  final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  DataType byteType() {
    return pick(DataType.U8, DataType.S8);
  }

  /**
   * A size from 1 to max: evenly spread over the orders of magnitude, so that most cases are cheap, and often
   * next to a multiple of 16, where vector loops end.
   */
  int size(int max) {
    int size = (int) Math.exp(random.nextDouble() * Math.log(max + 1.0));
    if (oneIn(4)) {
      size = (size + 8) / 16 * 16 + between(-1, 1);
    }
    return Math.clamp(size, 1, max);
  }

  /** Sizes of a limited product, so that SCALAR takes milliseconds; one in twelve of them may be long. */
  int[] sizes(int count, int most) {
    while (true) {
      int[] sizes = new int[count];
      long product = 1;
      for (int i = 0; i < count; i++) {
        sizes[i] = size(oneIn(12) ? 5000 : 300);
        product *= sizes[i];
      }
      if (product <= most) {
        return sizes;
      }
    }
  }

  /** A zero point: often 0, the middle or an end of the range. */
  int zeroPoint(DataType type) {
    return switch (between(0, 5)) {
      case 0 -> type.min();
      case 1 -> type.max();
      case 2 -> 0;
      case 3 -> (type.max() + type.min() + 1) / 2;
      default -> between(type.min(), type.max());
    };
  }

  int[] zeroPoints(DataType type, int count) {
    int[] zeroPoints = new int[count];
    for (int i = 0; i < count; i++) {
      zeroPoints[i] = zeroPoint(type);
    }
    return zeroPoints;
  }

  /** A scale from 1e-4 to 1, a power of two in one of four: those make exact ties when rounding. */
  float scale() {
    return oneIn(4)
        ? Math.scalb(1f, between(-13, 0))
        : (float) Math.exp(random.nextDouble(Math.log(1e-4), 0));
  }

  float[] scales(int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) {
      scales[i] = scale();
    }
    return scales;
  }

  /** Scales of weights: in one draw of eight some of them are 0, as those of pruned channels are. */
  float[] weightScales(int count) {
    float[] scales = scales(count);
    prune(scales);
    return scales;
  }

  /** Makes some scales of weights 0, in one draw of eight. */
  void prune(float[] scales) {
    if (oneIn(8)) {
      for (int i = 0; i < scales.length; i++) {
        scales[i] = oneIn(3) ? 0 : scales[i];
      }
    }
  }

  /** Of the magnitude of another scale, often the same or half or twice as much. */
  float scaleNear(float scale) {
    return scale * pick(1f, 0.5f, 2f, between(0.1f, 8f));
  }

  /** Integers of 4 or 8 bits, of one of several distributions over the whole range of their type. */
  byte[] integers(DataType type, long count) {
    byte[] integers = new byte[Math.toIntExact(type.bytes(count))];
    int kind = between(0, 5);
    int same = oneIn(2) ? type.min() : type.max();
    for (int i = 0; i < integers.length; i++) {
      int value = integer(type, kind, same);
      integers[i] = (byte) (type.bits() == 8 ? value : (value & 0xf) | (integer(type, kind, same) << 4));
    }
    return integers;
  }

  private int integer(DataType type, int kind, int same) {
    return switch (kind) {
      case 0 -> same;
      case 1, 2 -> oneIn(2) ? type.min() : type.max();
      case 3 -> oneIn(8) ? between(type.min(), type.max()) : oneIn(2) ? type.min() : type.max();
      default -> between(type.min(), type.max());
    };
  }

  /** Integers added to accumulators, or these: of one magnitude, some of them so large that a sum wraps. */
  int[] accumulators(int count) {
    int width = 1 << between(4, 24);
    int[] accumulators = new int[count];
    for (int i = 0; i < count; i++) {
      accumulators[i] = oneIn(16)
          ? between(Integer.MIN_VALUE, Integer.MAX_VALUE)
          : between(-width, width);
    }
    return accumulators;
  }

  /** Reals, row by row of a sign, an offset or a magnitude of their own: zeros, constants, exact ties. */
  float[] reals(int rows, int columns) {
    float[] reals = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      float magnitude = scale() * pick(0.01f, 1f, 100f);
      int kind = between(0, 7);
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        float x = magnitude * between(-1f, 1f);
        reals[i] = switch (kind) {
          case 0 -> 0f;
          case 1 -> Math.abs(x);
          case 2 -> -Math.abs(x);
          case 3 -> magnitude;
          case 4 -> oneIn(2) ? 0f : x;
          // Multiples of a power of two: quotients that lie exactly between two integers.
          case 5 -> Math.scalb((float) between(-300, 300), -4);
          default -> x;
        };
      }
    }
    return reals;
  }

  /** No ordinary number: NaN, infinite, huge, denormal, negative zero. */
  float special() {
    return pick(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE,
        -Float.MAX_VALUE, Float.MIN_VALUE, -0f, 1e10f, -1e10f);
  }

  /** Dice for the memory of a case: whether they are thrown does not change the case. */
  Dice apart() {
    return new Dice(random.split());
  }

  private Dice(SplittableRandom random) {
    this.random = random;
  }
}
