package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BinarySpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;

/**
 * Checks that combinations of scales, which are known when an op is prepared, are normal numbers in binary32.
 * If one were 0, subnormal or infinite, results would be constant, inexact or not numbers, on every engine. A
 * weight scale of exactly 0 is allowed: its products are 0. Scales of a run are not checked.
 */
final class ScaleRange {
  private ScaleRange() {}

  /**
   * Checks a product of two operands and, with 8-bit output, its multiplier.
   *
   * @param left name of the first operand
   * @param input the first operand
   * @param right name of the second operand
   * @param scales of the second operand, per tensor or per channel
   * @param output what becomes of the sums
   * @param realBias whether a real bias is put in units of the sums, which S32 output has no other scale for
   * @throws IllegalArgumentException if one is out of range
   */
  static void product(String left, ActivationSpec input, String right, Quantization scales,
      OutputSpec output,
      boolean realBias) {
    if (input.atRun() || (output.type() == DataType.S32 && !realBias)) {
      return;
    }
    for (int c = 0; c < scales.count(); c++) {
      float scale = scales.scale(c);
      if (scale == 0) {
        continue;
      }
      String channel = scales.granularity() == Granularity.PER_CHANNEL ? " (channel " + c + ")" : "";
      String factors = left + " " + input.scale() + " times " + right + " " + scale + channel;
      normal(factors, input.scale() * scale);
      if (output.type().isByte()) {
        normal(factors + ", divided by output " + output.scale(),
            Numbers.multiplier(input.scale(), scale, output.scale()));
      }
    }
  }

  /**
   * Checks the quotient of an operand's scale and the output's.
   *
   * @param operand its name
   * @param scale its scale
   * @param count how many outputs are summed up in one, 1 unless an average
   * @param output what becomes of it
   * @throws IllegalArgumentException if it is out of range
   */
  static void quotient(String operand, float scale, long count, OutputSpec output) {
    normal(operand + " " + scale + " divided by output " + output.scale()
        + (count == 1 ? "" : " of " + count + " taps"), scale / ((float) count * output.scale()));
  }

  /**
   * Checks what the law of a binary op makes of its scales: factors, and the constant that zero points make.
   *
   * @param spec the op
   * @throws IllegalArgumentException if one is out of range
   */
  static void binary(BinarySpec spec) {
    float left = spec.left().scale();
    float right = spec.right().scale();
    switch (spec.op()) {
      case ADD, SUBTRACT -> {
        quotients(spec);
        sum(spec);
      }
      case MULTIPLY -> factor("left " + left + " times right " + right, left * right, spec);
      // In binary64 nothing is out of range; beyond binary32 all results would be the same.
      case DIVIDE -> factor("left " + left + " divided by right " + right, left / right, spec);
      case MAXIMUM, MINIMUM -> quotients(spec);
    }
  }

  private static void factor(String what, float factor, BinarySpec spec) {
    normal(what, factor);
    float output = spec.output().scale();
    normal(what + ", divided by output " + output, factor / output);
  }

  private static void quotients(BinarySpec spec) {
    quotient("left", spec.left().scale(), 1, spec.output());
    quotient("right", spec.right().scale(), 1, spec.output());
  }

  private static void sum(BinarySpec spec) {
    float fixed = spec.law().fixed();
    if (!Float.isFinite(fixed)) {
      throw new IllegalArgumentException("scales: left " + spec.left().scale() + " times its zero point "
          + spec.left().zeroPoint() + " and right " + spec.right().scale() + " times its zero point "
          + spec.right().zeroPoint() + ", divided by output " + spec.output().scale() + ", make " + fixed
          + " in binary32, expected a finite number; choose scales of other magnitudes");
    }
  }

  private static void normal(String what, float value) {
    if (!(value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("scales: " + what + " is " + value
          + " in binary32, expected a normal number, " + Float.MIN_NORMAL + " to " + Float.MAX_VALUE
          + "; choose scales of other magnitudes");
    }
  }
}
