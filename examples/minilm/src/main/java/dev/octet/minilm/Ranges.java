package dev.octet.minilm;

/** The largest magnitudes, by feature, of the activations of one layer that are quantized beforehand. */
public final class Ranges {
  /** What goes into the projections of attention. */
  final float[] hidden = new float[MiniLm.FEATURES];
  /** Queries, keys and values. */
  final float[] queryKeyValue = new float[3 * MiniLm.FEATURES];
  /** What goes into the feed-forward layers. */
  final float[] attended = new float[MiniLm.FEATURES];
  /** The value of GELU. */
  final float[] activated = new float[MiniLm.INTERMEDIATE];

  static void widen(float[] magnitudes, float[][] rows) {
    for (float[] row : rows) {
      for (int i = 0; i < magnitudes.length; i++) {
        magnitudes[i] = Math.max(magnitudes[i], Math.abs(row[i]));
      }
    }
  }

  /** The largest of all. */
  static float max(float[] magnitudes) {
    float max = 0;
    for (float magnitude : magnitudes) {
      max = Math.max(max, magnitude);
    }
    return max;
  }
}
