package dev.octet.engine;

import dev.octet.BinaryOp;

/**
 * The law of the binary ops, with the numbers of one of them: what engines compute from, and {@link #result},
 * which is what they must return. Names and numbers are those of struct octet_binary in octet.h.
 *
 * @param op what is done
 * @param leftFactor of the left operand
 * @param rightFactor of the right operand; unused by MULTIPLY, whose factor is one for both
 * @param fixed what is added to products; holds the zero point of the result
 * @param divisor the scale of the result, where it is no part of the factors; negative, as both factors, for
 *        MINIMUM
 * @param leftZeroPoint of the left operand
 * @param rightZeroPoint of the right operand
 * @param zeroPoint added after rounding; 0 where {@code fixed} holds it
 * @param lo the smallest result
 * @param hi the largest result
 */
public record BinaryLaw(BinaryOp op, float leftFactor, float rightFactor, float fixed, float divisor,
    int leftZeroPoint, int rightZeroPoint, int zeroPoint, int lo, int hi) {

  static BinaryLaw of(BinarySpec spec) {
    float sa = spec.left().scale();
    float sb = spec.right().scale();
    float sy = spec.output().scale();
    return switch (spec.op()) {
      case ADD -> sum(spec, sa / sy, sb / sy);
      case SUBTRACT -> sum(spec, sa / sy, -(sb / sy));
      case MULTIPLY ->
        law(spec, Numbers.multiplier(sa, sb, sy), 1, spec.output().zeroPoint(), 1, 0);
      case MAXIMUM, DIVIDE -> law(spec, sa, sb, 0, sy, spec.output().zeroPoint());
      // min(x, y) / sy = max(-x, -y) / -sy, to the last bit
      case MINIMUM -> law(spec, -sa, -sb, 0, -sy, spec.output().zeroPoint());
    };
  }

  private static BinaryLaw sum(BinarySpec spec, float leftFactor, float rightFactor) {
    float fixed = spec.output().zeroPoint()
        - Math.fma(leftFactor, spec.left().zeroPoint(), rightFactor * spec.right().zeroPoint());
    return law(spec, leftFactor, rightFactor, fixed, 1, 0);
  }

  private static BinaryLaw law(BinarySpec spec, float leftFactor, float rightFactor, float fixed,
      float divisor, int zeroPoint) {
    OutputSpec output = spec.output();
    return new BinaryLaw(spec.op(), leftFactor, rightFactor, fixed, divisor, spec.left().zeroPoint(),
        spec.right().zeroPoint(), zeroPoint, output.lo(), output.hi());
  }

  /**
   * One element.
   *
   * @param a of the left operand
   * @param b of the right operand
   * @return of the result
   */
  public int result(int a, int b) {
    return switch (op) {
      case ADD, SUBTRACT -> round(Math.fma(leftFactor, a, Math.fma(rightFactor, b, fixed)));
      case MULTIPLY ->
        round((float) ((a - leftZeroPoint) * (b - rightZeroPoint)) * leftFactor + fixed);
      case MAXIMUM, MINIMUM -> round(Math.max(left(a), right(b)) / divisor);
      case DIVIDE -> divide(a, b);
    };
  }

  private float left(int a) {
    return Numbers.dequantize(a, leftFactor, leftZeroPoint);
  }

  private float right(int b) {
    return Numbers.dequantize(b, rightFactor, rightZeroPoint);
  }

  private int round(float t) {
    return Numbers.round(t, zeroPoint, lo, hi);
  }

  /** In binary64, which holds both real numbers exactly. */
  private int divide(int a, int b) {
    double x = (double) (a - leftZeroPoint) * leftFactor;
    double y = (double) (b - rightZeroPoint) * rightFactor;
    double t = Math.rint(x / y / divisor) + zeroPoint;
    return Double.isNaN(t) ? lo : (int) Math.min(Math.max(t, lo), hi);
  }
}
