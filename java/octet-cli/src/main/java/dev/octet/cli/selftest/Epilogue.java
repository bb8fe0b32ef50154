package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.util.function.BiConsumer;

/**
 * What becomes of accumulators: the output part that products and convolutions share.
 *
 * @param type U8, S8, S32 or F32
 * @param output of 8-bit types, else null
 * @param clamp min and max, or null
 */
record Epilogue(DataType type, Quantization output, Clamp clamp) {
  /**
   * A random one.
   *
   * @param product of the scales of the factors
   * @param k the number of products that are added up
   */
  static Epilogue random(Dice dice, float product, int k) {
    DataType type = dice.pick(S32, F32, U8, S8);
    if (type == S32) {
      return new Epilogue(type, null, null);
    }
    // About the largest sum: of random factors, or of extreme ones of one sign.
    float largest = product * (dice.oneIn(2) ? 10_000 * (float) Math.sqrt(k) : 10_000f * k);
    if (type == F32) {
      return new Epilogue(type, null, Clamp.random(dice, largest / 128));
    }
    Quantization output = Quantization.perTensor(outputScale(dice, largest / dice.pick(60f, 130f, 400f),
        product), dice.zeroPoint(type));
    return new Epilogue(type, output, Clamp.random(dice, output.scale(0)));
  }

  /**
   * A scale for 8-bit results: about what it should be, or the power of two below it, or the product times a
   * power of two, where the multiplier is a power of two and makes exact ties.
   */
  static float outputScale(Dice dice, float about, float product) {
    return switch (dice.between(0, 2)) {
      case 0 -> about;
      case 1 -> Math.scalb(1f, Math.getExponent(about));
      default -> Math.scalb(product, Math.getExponent(about / product));
    };
  }

  /** Tells a builder, by its methods. */
  void apply(BiConsumer<DataType, Quantization> output8, Runnable outputS32, Runnable outputF32,
      Clamp.Setter clamped) {
    switch (type) {
      case S32 -> outputS32.run();
      case F32 -> outputF32.run();
      default -> output8.accept(type, output);
    }
    if (clamp != null) {
      clamp.apply(clamped);
    }
  }

  @Override
  public String toString() {
    return "to " + type + (output == null ? "" : " " + output) + (clamp == null ? "" : ", " + clamp);
  }
}
