package dev.octet.llama;

/**
 * Rotary position embedding: turns neighbours of a head, elements 2i and 2i + 1, by an angle of
 * {@code position * base^(-2i / rotated)}. Files of other families have pairs half a head apart.
 */
final class Rope {
  private final int pairs;
  /** {@code [position][pair]}, by StrictMath: the same on every machine. */
  private final float[] cos;
  private final float[] sin;

  /**
   * Computes all angles.
   *
   * @param factors what each pair's frequency is divided by, as Llama 3.1 has it
   */
  Rope(LlamaShape shape, float[] factors, int positions) {
    this.pairs = shape.rotated() / 2;
    this.cos = new float[Math.multiplyExact(positions, pairs)];
    this.sin = new float[positions * pairs];
    for (int pair = 0; pair < pairs; pair++) {
      double step = StrictMath.pow(shape.ropeBase(), -2.0 * pair / shape.rotated()) / factors[pair];
      for (int position = 0; position < positions; position++) {
        cos[position * pairs + pair] = (float) StrictMath.cos(position * step);
        sin[position * pairs + pair] = (float) StrictMath.sin(position * step);
      }
    }
  }

  void rotate(float[] x, int from, int position) {
    for (int pair = 0; pair < pairs; pair++) {
      float c = cos[position * pairs + pair];
      float s = sin[position * pairs + pair];
      float even = x[from + 2 * pair];
      float odd = x[from + 2 * pair + 1];
      x[from + 2 * pair] = even * c - odd * s;
      x[from + 2 * pair + 1] = even * s + odd * c;
    }
  }
}
