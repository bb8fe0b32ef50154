package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.util.function.Consumer;

/**
 * What is added to sums; none where both are null.
 *
 * @param integers added to accumulators
 * @param floats added to real results
 */
record Bias(int[] integers, float[] floats) {
  private static final Bias NONE = new Bias(null, null);

  /**
   * A random one, or none.
   *
   * @param count one for each output feature
   * @param unit what an accumulator of 1 stands for; 0: floats are not allowed
   */
  static Bias random(Dice dice, int count, float unit) {
    return switch (dice.between(0, 2)) {
      case 0 -> new Bias(dice.accumulators(count), null);
      case 1 -> unit == 0 ? NONE : real(dice, count, unit);
      default -> NONE;
    };
  }

  /** Floats, or none. */
  static Bias randomReal(Dice dice, int count, float unit) {
    return dice.oneIn(2) ? NONE : real(dice, count, unit);
  }

  private static Bias real(Dice dice, int count, float unit) {
    int[] steps = dice.accumulators(count);
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = steps[i] * unit;
    }
    return new Bias(null, floats);
  }

  /**
   * The same, without floats where no integer times the scale is them.
   *
   * @param weights whose scale of an output feature may be 0; groups may share scales
   * @param output type of the results; F32 takes every bias
   */
  Bias fitting(Quantization weights, DataType output) {
    if (floats == null || output == DataType.F32) {
      return this;
    }
    float[] fitting = floats.clone();
    for (int i = 0; i < fitting.length; i++) {
      fitting[i] = weights.scale(i % weights.count()) == 0 ? 0 : fitting[i];
    }
    return new Bias(null, fitting);
  }

  /** Tells a builder, by its methods. */
  void apply(Consumer<int[]> integer, Consumer<float[]> real) {
    if (integers != null) {
      integer.accept(integers);
    }
    if (floats != null) {
      real.accept(floats);
    }
  }

  @Override
  public String toString() {
    return "bias " + (integers != null ? "S32" : floats != null ? "F32" : "none");
  }
}
