package dev.octet.onednn;

import java.util.Random;

/** Random floats for tests. */
final class Floats {
  private Floats() {}

  static float[] gaussian(Random random, int count) {
    float[] result = new float[count];
    for (int i = 0; i < count; i++) {
      result[i] = (float) random.nextGaussian();
    }
    return result;
  }
}
