package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.ConvWeights;
import java.lang.foreign.ValueLayout;

/** Weights of a convolution as signed bytes: S8 as they are, U8 and its zero points 128 less. */
final class SignedTaps {
  private final ConvWeights weights;
  private final byte[] bytes;
  private final int taps;
  private final int in;

  /**
   * Reads the weights.
   *
   * @param weights S8 or U8
   */
  SignedTaps(ConvWeights weights) {
    this.weights = weights;
    this.bytes = weights.tensor().data().toArray(ValueLayout.JAVA_BYTE);
    this.taps = weights.height() * weights.width();
    this.in = weights.inPerGroup();
    if (weights.type() == DataType.U8) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= (byte) 0x80;
      }
    }
  }

  private byte get(int o, int tap, int i) {
    return bytes[(int) weights.position(o, tap, i)];
  }

  private int zeroPoint(int o) {
    return weights.zeroPoint(o) - (weights.type() == DataType.U8 ? 128 : 0);
  }

  /** The zero point of each output channel, or null where all are 0. */
  int[] zeroPoints() {
    int[] zeroPoints = new int[weights.outChannels()];
    boolean any = false;
    for (int o = 0; o < zeroPoints.length; o++) {
      zeroPoints[o] = zeroPoint(o);
      any |= zeroPoints[o] != 0;
    }
    return any ? zeroPoints : null;
  }

  /** The largest magnitude, at least 1. */
  int largest() {
    int largest = 1;
    for (byte w : bytes) {
      largest = Math.max(largest, Math.abs(w));
    }
    return largest;
  }

  /** Of each group panels {@code [taps * in][width]}, filled up with zeros. */
  byte[][][] panels(int groups, int width) {
    int out = weights.outChannels() / groups;
    byte[][][] panels = new byte[groups][Math.ceilDiv(out, width)][Math.multiplyExact(taps * in, width)];
    for (int o = 0; o < weights.outChannels(); o++) {
      byte[] panel = panels[o / out][o % out / width];
      int column = o % out % width;
      for (int tap = 0; tap < taps; tap++) {
        for (int i = 0; i < in; i++) {
          panel[(tap * in + i) * width + column] = get(o, tap, i);
        }
      }
    }
    return panels;
  }

  /** Weights of depthwise channels minus their zero points, {@code [taps][period]}, channels repeated. */
  short[] centred(int period, int slack) {
    short[] centred = new short[Math.addExact(Math.multiplyExact(taps, period), slack)];
    for (int tap = 0; tap < taps; tap++) {
      for (int i = 0; i < period; i++) {
        int o = i % weights.outChannels();
        centred[tap * period + i] = (short) (get(o, tap, 0) - zeroPoint(o));
      }
    }
    return centred;
  }
}
