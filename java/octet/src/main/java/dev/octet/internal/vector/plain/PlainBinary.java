package dev.octet.internal.vector.plain;

import dev.octet.engine.BinaryLaw;

/**
 * Binary ops over arrays of integers as floats: a loop each, which C2 makes vectors of. An op without one is
 * computed element by element.
 */
final class PlainBinary {
  private PlainBinary() {}

  /**
   * Computes results, or what becomes a result by being rounded.
   *
   * @param law the op with its numbers
   * @param a integers of the left operand; overwritten
   * @param b integers of the right operand; overwritten by what is computed
   * @param count elements
   * @return whether results are computed
   */
  static boolean compute(BinaryLaw law, float[] a, float[] b, int count) {
    switch (law.op()) {
      case ADD, SUBTRACT -> {
        multiplyAdd(b, law.rightFactor(), law.fixed(), count);
        multiplyAdd(a, law.leftFactor(), b, count);
      }
      case MULTIPLY -> multiply(law, a, b, count);
      case MAXIMUM, MINIMUM -> {
        dequantize(a, law.leftZeroPoint(), law.leftFactor(), count);
        dequantize(b, law.rightZeroPoint(), law.rightFactor(), count);
        maximum(a, b, law.divisor(), count);
      }
      default -> {
        results(law, a, b, count);
        return true;
      }
    }
    return false;
  }

  private static void multiplyAdd(float[] q, float factor, float fixed, int count) {
    for (int i = 0; i < count; i++) {
      q[i] = Math.fma(q[i], factor, fixed);
    }
  }

  private static void multiplyAdd(float[] q, float factor, float[] t, int count) {
    for (int i = 0; i < count; i++) {
      t[i] = Math.fma(q[i], factor, t[i]);
    }
  }

  /** Differences and products of these integers are exact in binary32. */
  private static void multiply(BinaryLaw law, float[] a, float[] b, int count) {
    float za = law.leftZeroPoint();
    float zb = law.rightZeroPoint();
    float factor = law.leftFactor();
    float fixed = law.fixed();
    for (int i = 0; i < count; i++) {
      b[i] = (a[i] - za) * (b[i] - zb) * factor + fixed;
    }
  }

  private static void dequantize(float[] q, float zeroPoint, float scale, int count) {
    for (int i = 0; i < count; i++) {
      q[i] = (q[i] - zeroPoint) * scale;
    }
  }

  private static void maximum(float[] a, float[] b, float divisor, int count) {
    for (int i = 0; i < count; i++) {
      b[i] = Math.max(a[i], b[i]) / divisor;
    }
  }

  private static void results(BinaryLaw law, float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      b[i] = (float) law.result((int) a[i], (int) b[i]);
    }
  }
}
