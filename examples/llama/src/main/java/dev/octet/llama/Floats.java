package dev.octet.llama;

/**
 * What a model computes outside of Octet's ops. Each operation is rounded by itself and sums have one order,
 * as Java's language defines it, so that results are the same bits on every machine; no {@code Math.fma},
 * which is slow and makes garbage where the processor has none.
 */
final class Floats {
  /** Beyond it a sum of two floats has no fraction: what is added to round to nearest. */
  private static final float ROUNDING = 12582912;

  private Floats() {}

  /** Divides a row by the root of its mean square and multiplies it by weights. */
  static void rmsNorm(float[] x, int from, float[] weights, float epsilon, float[] y, int to) {
    double squares = 0;
    for (int i = 0; i < weights.length; i++) {
      squares += (double) x[from + i] * x[from + i];
    }
    float factor = (float) (1 / Math.sqrt(squares / weights.length + epsilon));
    for (int i = 0; i < weights.length; i++) {
      y[to + i] = x[from + i] * factor * weights[i];
    }
  }

  static void add(float[] x, float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] += x[i];
    }
  }

  /**
   * Writes {@code gate * sigmoid(gate) * up} for a row of {@code gate} and {@code up} side by side. In place,
   * since C2 makes no vector code of a loop that reads one array and writes another one at another index.
   */
  static void swiGlu(float[] gateUp, int from, int features, float[] y, int to) {
    System.arraycopy(gateUp, from, y, to, features);
    for (int i = to; i < to + features; i++) {
      y[i] = (float) (y[i] / (1 + exp(-y[i])));
    }
    for (int i = 0; i < features; i++) {
      y[to + i] *= gateUp[from + features + i];
    }
  }

  /**
   * e^x for x limited to -87 and 88, relatively within 1e-7: (e^(x / 1024))^1024 by Taylor's series in
   * binary64. C2 makes vector code of it, in a quarter of the time of what makes powers of 2 of bits.
   */
  static double exp(float x) {
    double r = Math.min(Math.max(x, -87), 88) * (1.0 / 1024);
    double e = 1
        + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720))))));
    return power32(power32(e));
  }

  private static double power32(double x) {
    double x2 = x * x;
    double x4 = x2 * x2;
    double x8 = x4 * x4;
    double x16 = x8 * x8;
    return x16 * x16;
  }

  /**
   * Quantizes numbers to S8, {@code scale = largest / 127}.
   *
   * @return the scale; 1 where all are 0
   */
  static float quantize(float[] x, int from, int count, byte[] y, int to) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(x[from + i]));
    }
    float scale = largest / 127 == 0 ? 1 : largest / 127;
    for (int i = 0; i < count; i++) {
      float q = x[from + i] / scale + ROUNDING - ROUNDING;
      y[to + i] = (byte) (int) Math.min(Math.max(q, -127), 127); // beyond it where the scale is subnormal
    }
    return scale;
  }
}
