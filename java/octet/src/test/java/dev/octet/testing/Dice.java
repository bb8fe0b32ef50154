package dev.octet.testing;

import dev.octet.DataType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Seeded random choices with a taste for trouble: extreme values, odd sizes, zero points at the ends of the
 * range, scales that make exact ties. The same seed and case number give the same choices for ever.
 */
public final class Dice {
  private final SplittableRandom random;

  /** The dice of one case of one run; cases are independent, so that one can be repeated alone. */
  public Dice(long seed, int index) {
    this.random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index * 0xD1B54A32D192ED03L);
  }

  /** True once in so many throws. */
  public boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** Uniform, both ends included. */
  public int between(int lo, int hi) {
    return (int) random.nextLong(lo, hi + 1L);
  }

  /** Uniform. */
  public float between(float lo, float hi) {
    return (float) random.nextDouble(lo, Math.nextUp((double) hi));
  }

  /** Normally distributed, with mean 0 and standard deviation 1. */
  public float gaussian() {
    return (float) random.nextGaussian();
  }

  /** Uniform integers, both ends included. */
  public int[] ints(int count, int lo, int hi) {
    return random.ints(count, lo, hi + 1).toArray();
  }

  /** One of several. */
  @SafeVarargs
  public final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** One of several. */
  public <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /**
   * A size from 1 to max: evenly spread over the orders of magnitude, so that most cases are cheap, and often
   * next to a multiple of 16, where vector loops end.
   */
  public int size(int max) {
    int size = (int) Math.exp(random.nextDouble() * Math.log(max + 1.0));
    if (oneIn(4)) {
      size = (size + 8) / 16 * 16 + between(-1, 1);
    }
    return Math.clamp(size, 1, max);
  }

  /** A zero point: often 0, the middle or an end of the range. */
  public int zeroPoint(DataType type) {
    return switch (between(0, 5)) {
      case 0 -> type.min();
      case 1 -> type.max();
      case 2 -> 0;
      case 3 -> (type.max() + type.min() + 1) / 2;
      default -> between(type.min(), type.max());
    };
  }

  /** A zero point of a group, which may be 16 for U4. */
  public int groupZeroPoint(DataType type) {
    return type == DataType.U4 && oneIn(8) ? 16 : zeroPoint(type);
  }

  /** A scale from 1e-4 to 1, a power of two in one of four: those make exact ties when rounding. */
  public float scale() {
    return oneIn(4)
        ? Math.scalb(1f, between(-13, 0))
        : (float) Math.exp(random.nextDouble(Math.log(1e-4), 0));
  }

  /** Makes some of the scales of groups negative, in one draw of four. */
  public void negate(float[] scales) {
    if (oneIn(4)) {
      for (int i = 0; i < scales.length; i++) {
        scales[i] = oneIn(2) ? -scales[i] : scales[i];
      }
    }
  }

  /** Makes some of the scales of weights 0, in one draw of eight: pruned channels. */
  public void prune(float[] scales) {
    if (oneIn(8)) {
      for (int i = 0; i < scales.length; i++) {
        scales[i] = oneIn(3) ? 0 : scales[i];
      }
    }
  }

  /**
   * Draws until something is accepted.
   *
   * @throws IllegalStateException if nothing is: the caller asks for what an engine does not offer at all
   */
  public <T> T until(Predicate<T> accepted, Supplier<T> draw) {
    for (int attempt = 0; attempt < 10_000; attempt++) {
      T drawn = draw.get();
      if (accepted.test(drawn)) {
        return drawn;
      }
    }
    throw new IllegalStateException("nothing that was drawn is offered, not even " + draw.get());
  }

  /**
   * A scale for 8-bit results.
   *
   * @param scale about what it should be
   * @param product of the scales of the factors
   * @return the same, or the power of two below it, or the product times a power of two: then the multiplier
   *         is a power of two, which makes ties, in the order of operations of the law alone
   */
  public float outputScale(float scale, float product) {
    return switch (between(0, 2)) {
      case 0 -> scale;
      case 1 -> Math.scalb(1f, Math.getExponent(scale));
      default -> Math.scalb(product, Math.getExponent(scale / product));
    };
  }

  /** Integers added to accumulators: of one magnitude, some of them so large that the sum wraps. */
  public int[] biases(int count) {
    int width = 1 << between(4, 24);
    int[] biases = new int[count];
    for (int i = 0; i < count; i++) {
      biases[i] = oneIn(16) ? between(Integer.MIN_VALUE, Integer.MAX_VALUE) : between(-width, width);
    }
    return biases;
  }

  /** Floats of one magnitude. */
  public float[] reals(int count) {
    float magnitude = scale() * pick(1f, 100f, 10000f);
    float[] reals = new float[count];
    for (int i = 0; i < count; i++) {
      reals[i] = magnitude * between(-1f, 1f);
    }
    return reals;
  }

  /** No ordinary number: NaN, infinite, huge, denormal, negative zero. */
  public float special() {
    return pick(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.MIN_VALUE, -0f, 1e10f, -1e10f);
  }

  /** Fills an integer tensor with one of several distributions over its whole range. */
  public Tensor fill(Tensor tensor) {
    int lo = tensor.type().min();
    int hi = tensor.type().max();
    // The accumulators of S32 tensors are not of interest at 2^31 alone.
    if (tensor.type() == DataType.S32) {
      int limit = 1 << between(4, 31) >>> 1;
      lo = -limit;
      hi = limit - 1;
    }
    int kind = between(0, 5);
    int same = oneIn(2) ? lo : hi;
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, switch (kind) {
        case 0 -> same;
        case 1, 2 -> oneIn(2) ? lo : hi;
        case 3 -> oneIn(8) ? between(lo, hi) : oneIn(2) ? lo : hi;
        default -> between(lo, hi);
      });
    }
    return tensor;
  }

  /** Fills a float tensor: several magnitudes, signs and offsets, zeros among them, sometimes constant. */
  public Tensor fillReal(Tensor tensor) {
    float magnitude = scale() * pick(0.01f, 1f, 100f);
    int kind = between(0, 7);
    for (long i = 0; i < tensor.elements(); i++) {
      float x = magnitude * between(-1f, 1f);
      tensor.set(i, switch (kind) {
        case 0 -> 0f;
        case 1 -> Math.abs(x);
        case 2 -> -Math.abs(x);
        case 3 -> magnitude;
        case 4 -> oneIn(2) ? 0f : x;
        // Multiples of a power of two: quotients that lie exactly between two integers.
        case 5 -> Math.scalb((float) between(-300, 300), -4);
        default -> x;
      });
    }
    return tensor;
  }
}
