package dev.octet.op;

import java.util.Random;

/** Runs random cases one seed after the other; a failure tells the seed. */
final class Seeds {
  private Seeds() {}

  /** One random case. */
  @FunctionalInterface
  interface Case {
    void run(Random random);
  }

  static void each(int count, Case test) {
    for (int seed = 0; seed < count; seed++) {
      try {
        test.run(new Random(seed * 7919L + 17));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** One of some values. */
  @SafeVarargs
  static <T> T oneOf(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  /** 1 to 80, often around the sizes of vectors and tiles. */
  static int size(Random random) {
    int[] edges = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65};
    return random.nextBoolean() ? edges[random.nextInt(edges.length)] : 1 + random.nextInt(40);
  }

  /** A scale from 0.0005 to 0.5, now and then a power of two, which makes ties. */
  static float scale(Random random) {
    return random.nextInt(3) == 0
        ? Math.scalb(1f, -1 - random.nextInt(10))
        : (float) (0.5 * Math.pow(10, -3 * random.nextDouble()));
  }
}
