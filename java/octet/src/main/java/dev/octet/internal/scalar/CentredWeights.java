package dev.octet.internal.scalar;

import dev.octet.engine.MatrixWeights;

/** Weights minus their zero points. */
final class CentredWeights {
  private CentredWeights() {}

  /** {@code [N][K]}; at most 255 in magnitude. */
  static short[] of(MatrixWeights weights) {
    int k = weights.k();
    int n = weights.n();
    short[] centred = new short[Math.multiplyExact(k, n)];
    for (int column = 0; column < n; column++) {
      for (int row = 0; row < k; row++) {
        int group = row / weights.groupSize();
        centred[column * k + row] = (short) (weights.get(row, column) - weights.zeroPoint(group, column));
      }
    }
    return centred;
  }
}
