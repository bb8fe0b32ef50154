package dev.octet.internal.vector.loops;

/**
 * Inner loops of softmax, layer norm and GELU, over the first n floats of an array, at most {@link #LONGEST}.
 * Partial sums go on from part to part of a row: parts begin at a multiple of
 * {@link dev.octet.engine.FloatLaw#SUMS}.
 */
public interface FunctionLoops {
  /** Floats of a part: a multiple of the partial sums, and two of them in half a first cache. */
  int LONGEST = 2048;

  /** {@code x *= factor}. */
  void multiply(float[] x, float factor, int n);

  /** {@code x += other}. */
  void add(float[] x, float[] other, int n);

  /** The largest; of numbers with a NaN among them NaN or any of them, as what comes of them is NaN. */
  float largest(float[] x, int n);

  /** {@code x = e^(x - most)}. */
  void exponentials(float[] x, float most, int n);

  /** Adds numbers to partial sums. */
  void sums(float[] x, float[] sums, int n);

  /** {@code x -= mean}, and adds the squares to partial sums. */
  void squares(float[] x, float mean, float[] sums, int n);

  /** {@code x = x * factor * weights + bias}. */
  void normalize(float[] x, float factor, float[] weights, float[] bias, int first, int n);

  /** GELU by the error function. */
  void gelu(float[] x, int n);

  /** GELU by the hyperbolic tangent. */
  void geluTanh(float[] x, int n);
}
