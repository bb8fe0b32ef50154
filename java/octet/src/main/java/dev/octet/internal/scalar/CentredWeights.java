package dev.octet.internal.scalar;

import dev.octet.engine.ConvTranspose2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.TransposedWeights;

/** Weights minus their zero points: 9 bits, an array for each output feature. */
final class CentredWeights {
  private CentredWeights() {}

  /** {@code [N][K]}. */
  static short[][] of(MatrixWeights weights) {
    short[][] centred = new short[weights.n()][weights.k()];
    for (int column = 0; column < weights.n(); column++) {
      for (int row = 0; row < weights.k(); row++) {
        int group = row / weights.groupSize();
        centred[column][row] = (short) (weights.get(row, column) - weights.zeroPoint(group, column));
      }
    }
    return centred;
  }

  /** {@code [O][H * W * I]}. */
  static short[][] of(ConvWeights weights) {
    int taps = Math.multiplyExact(weights.height(), weights.width());
    int length = Math.multiplyExact(taps, weights.inPerGroup());
    short[][] centred = new short[weights.outChannels()][length];
    for (int o = 0; o < weights.outChannels(); o++) {
      int index = 0;
      for (int y = 0; y < weights.height(); y++) {
        for (int x = 0; x < weights.width(); x++) {
          for (int i = 0; i < weights.inPerGroup(); i++) {
            centred[o][index++] = (short) (weights.get(o, y, x, i) - weights.zeroPoint(o));
          }
        }
      }
    }
    return centred;
  }

  /** {@code [O][H * W * I]}, O over all groups, I of a group. */
  static short[][] of(ConvTranspose2dSpec spec) {
    TransposedWeights weights = spec.weights();
    int in = spec.inPerGroup();
    int out = weights.outPerGroup();
    int taps = Math.multiplyExact(weights.height(), weights.width());
    short[][] centred = new short[spec.outChannels()][Math.multiplyExact(taps, in)];
    for (int o = 0; o < centred.length; o++) {
      for (int at = 0; at < centred[o].length; at++) {
        int tap = at / in;
        int weight = weights.get(o / out * in + at % in, o % out, tap / weights.width(),
            tap % weights.width());
        centred[o][at] = (short) (weight - weights.zeroPoint(o % out));
      }
    }
    return centred;
  }

  /** What they take. */
  static long bytes(short[][] centred) {
    return 2L * centred.length * centred[0].length;
  }
}
