package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.AddSpec;
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
   * Checks the quotients of a sum of two operands, and the constant that their zero points make.
   *
   * @param spec the sum
   * @throws IllegalArgumentException if one is out of range
   */
  static void sum(AddSpec spec) {
    quotient("left", spec.left().scale(), 1, spec.output());
    quotient("right", spec.right().scale(), 1, spec.output());
    if (!Float.isFinite(spec.fixed())) {
      throw new IllegalArgumentException("scales: left " + spec.left().scale() + " times its zero point "
          + spec.left().zeroPoint() + " and right " + spec.right().scale() + " times its zero point "
          + spec.right().zeroPoint() + ", divided by output " + spec.output().scale() + ", make "
          + spec.fixed() + " in binary32, expected a finite number; choose scales of other magnitudes");
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
