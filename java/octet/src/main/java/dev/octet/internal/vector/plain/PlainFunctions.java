package dev.octet.internal.vector.plain;

import static dev.octet.engine.FloatLaw.SUMS;

import dev.octet.engine.FloatLaw;
import dev.octet.internal.vector.loops.FunctionLoops;
import java.lang.foreign.MemorySegment;

/**
 * Functions of floats in loops that C2 turns into vector code. Powers of 2 are made of their bits, which C2
 * turns into floats in vectors only as a copy of memory: a third of the time of {@link Float#intBitsToFloat}
 * in the loop.
 */
public final class PlainFunctions implements FunctionLoops {
  private final float[] arguments = new float[LONGEST];
  private final int[] bits = new int[LONGEST];
  private final float[] powers = new float[LONGEST];

  /** For one thread at a time. */
  public PlainFunctions() {}

  @Override
  public void multiply(float[] x, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factor;
    }
  }

  @Override
  public void add(float[] x, float[] other, int n) {
    for (int i = 0; i < n; i++) {
      x[i] += other[i];
    }
  }

  @Override
  public float largest(float[] x, int n) {
    float m0 = Float.NEGATIVE_INFINITY;
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      m0 = Math.max(m0, x[i]);
      m1 = Math.max(m1, x[i + 1]);
      m2 = Math.max(m2, x[i + 2]);
      m3 = Math.max(m3, x[i + 3]);
    }
    for (; i < n; i++) {
      m0 = Math.max(m0, x[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  @Override
  public void exponentials(float[] x, float most, int n) {
    differences(x, most, n);
    exponentials(x, n);
  }

  private static void differences(float[] x, float most, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.max(FloatLaw.LOWEST, x[i] - most);
    }
  }

  /** {@code x = e^x}. */
  private void exponentials(float[] x, int n) {
    fractions(x, bits, n);
    MemorySegment.copy(MemorySegment.ofArray(bits), 0, MemorySegment.ofArray(powers), 0, 4L * n);
    product(x, powers, n);
  }

  private static void fractions(float[] x, int[] bits, int n) {
    float c0 = FloatLaw.exponentialTerm(0);
    float c1 = FloatLaw.exponentialTerm(1);
    float c2 = FloatLaw.exponentialTerm(2);
    float c3 = FloatLaw.exponentialTerm(3);
    float c4 = FloatLaw.exponentialTerm(4);
    float c5 = FloatLaw.exponentialTerm(5);
    for (int i = 0; i < n; i++) {
      float whole = Math.fma(x[i], FloatLaw.LOG2_E, FloatLaw.MAGIC) - FloatLaw.MAGIC;
      float r = Math.fma(whole, -FloatLaw.LN2_LOW, Math.fma(whole, -FloatLaw.LN2_HIGH, x[i]));
      float p = Math.fma(Math.fma(c0, r, c1), r, c2);
      p = Math.fma(Math.fma(Math.fma(p, r, c3), r, c4), r, c5);
      x[i] = Math.fma(p, r * r, r) + 1;
      bits[i] = ((int) whole + 127) << 23;
    }
  }

  private static void product(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }

  @Override
  public void sums(float[] x, float[] sums, int n) {
    int i = 0;
    for (; i + SUMS <= n; i += SUMS) {
      for (int j = 0; j < SUMS; j++) {
        sums[j] += x[i + j];
      }
    }
    for (int j = 0; i + j < n; j++) {
      sums[j] += x[i + j];
    }
  }

  @Override
  public void squares(float[] x, float mean, float[] sums, int n) {
    for (int i = 0; i < n; i++) {
      x[i] -= mean;
    }
    int i = 0;
    for (; i + SUMS <= n; i += SUMS) {
      for (int j = 0; j < SUMS; j++) {
        sums[j] = Math.fma(x[i + j], x[i + j], sums[j]);
      }
    }
    for (int j = 0; i + j < n; j++) {
      sums[j] = Math.fma(x[i + j], x[i + j], sums[j]);
    }
  }

  @Override
  public void normalize(float[] x, float factor, float[] weights, float[] bias, int first, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(x[i] * factor, weights[first + i], bias[first + i]);
    }
  }

  @Override
  public void gelu(float[] x, int n) {
    float a0 = FloatLaw.erfAbove(0);
    float a1 = FloatLaw.erfAbove(1);
    float a2 = FloatLaw.erfAbove(2);
    float a3 = FloatLaw.erfAbove(3);
    float a4 = FloatLaw.erfAbove(4);
    float a5 = FloatLaw.erfAbove(5);
    float a6 = FloatLaw.erfAbove(6);
    float b0 = FloatLaw.erfBelow(0);
    float b1 = FloatLaw.erfBelow(1);
    float b2 = FloatLaw.erfBelow(2);
    float b3 = FloatLaw.erfBelow(3);
    float b4 = FloatLaw.erfBelow(4);
    for (int i = 0; i < n; i++) {
      float z = Math.max(-FloatLaw.ERF_LIMIT, Math.min(FloatLaw.ERF_LIMIT, x[i] * FloatLaw.ROOT_OF_HALF));
      float z2 = z * z;
      float p = Math.fma(Math.fma(Math.fma(a0, z2, a1), z2, a2), z2, a3);
      p = Math.fma(Math.fma(Math.fma(p, z2, a4), z2, a5), z2, a6);
      float q = Math.fma(Math.fma(Math.fma(Math.fma(b0, z2, b1), z2, b2), z2, b3), z2, b4);
      x[i] = x[i] * 0.5f * (z * p / q + 1);
    }
  }

  @Override
  public void geluTanh(float[] x, int n) {
    System.arraycopy(x, 0, arguments, 0, n);
    arguments(arguments, n);
    exponentials(arguments, n);
    quotients(x, arguments, n);
  }

  private static void arguments(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      float v = x[i] * FloatLaw.TANH_FACTOR * Math.fma(x[i] * x[i], FloatLaw.TANH_CUBE, 1);
      x[i] = Math.max(FloatLaw.LOWEST, Math.min(FloatLaw.HIGHEST, v));
    }
  }

  private static void quotients(float[] x, float[] e, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = x[i] / (e[i] + 1);
    }
  }
}
