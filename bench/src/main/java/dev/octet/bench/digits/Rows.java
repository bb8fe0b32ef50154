package dev.octet.bench.digits;

/**
 * The inner loops of training. All arrays are read and written at the same index: that C2 turns into vector
 * code (10 G multiply-adds a second); with different offsets into two arrays, which may be one, it does not
 * (2.5 G).
 */
final class Rows {
  private Rows() {}

  static void add(float[] y, float[] x) {
    for (int i = 0; i < y.length; i++) {
      y[i] += x[i];
    }
  }

  static void addScaled(float[] y, float[] x, float a) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a * x[i];
    }
  }

  static void addScaled(float[] y, float[] x0, float a0, float[] x1, float a1, float[] x2, float a2) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a0 * x0[i] + a1 * x1[i] + a2 * x2[i];
    }
  }

  static void addProduct(float[] y, float[] a, float[] b) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a[i] * b[i];
    }
  }

  static void addProduct(float[] y, float[] a0, float[] b0, float[] a1, float[] b1) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a0[i] * b0[i] + a1[i] * b1[i];
    }
  }

  /** Four partial sums: a float sum in order is a chain that waits for every addition. */
  static float sum(float[] x) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 3 < x.length; i += 4) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
    }
    for (; i < x.length; i++) {
      s0 += x[i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
