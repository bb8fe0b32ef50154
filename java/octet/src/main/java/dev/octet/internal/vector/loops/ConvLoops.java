package dev.octet.internal.vector.loops;

/** The inner loops of a convolution besides those of a product. */
public interface ConvLoops {
  /**
   * Elements behind the end of what is asked for, in all arrays of {@link #depthwise}, that may be read and
   * written: whole vectors, no tails.
   */
  int SLACK = 64;

  /** The same for {@link #copy}: as many as lie between rows of a product. */
  int COPY_SLACK = 16;

  /** Products of nine bits each whose sum floats hold exactly: 258 * 255 * 255 < 2^24. */
  int TAPS = 258;

  /**
   * Sums over taps, element by element: {@code sums[i] = sum over t of x[at + taps[t] + i] * w[weights[t] +
   * i]}.
   *
   * @param x nine bits
   * @param at where the first tap would be with offset 0
   * @param w nine bits
   * @param taps offset of each tap in x
   * @param weights offset of each tap in w
   * @param tapCount how many, at most {@link #TAPS}
   * @param sums written
   * @param sumsAt the first of them
   * @param count elements
   * @param spare as many floats, for whoever needs them
   */
  void depthwise(short[] x, int at, short[] w, int[] taps, int[] weights, int tapCount, int[] sums,
      int sumsAt, int count, float[] spare);

  /**
   * Copies floats, and up to {@link #COPY_SLACK} more behind them: a window is many short copies.
   *
   * @param from the source
   * @param at its first element
   * @param to the destination
   * @param toAt its first element
   * @param count how many
   */
  void copy(float[] from, int at, float[] to, int toAt, int count);

  /**
   * Bytes minus their zero point, to shorts.
   *
   * @param bytes from 0 on
   * @param count how many
   * @param flip 0x80 for U8, 0 for S8: the bits that make S8 of it
   * @param zeroPoint of the S8
   * @param to written
   * @param at the first of them
   */
  void centre(byte[] bytes, int count, int flip, int zeroPoint, short[] to, int at);

  /**
   * Bytes minus their zero point, to floats. Two loops that C2 makes vectors of as they stand: 37 elements/ns
   * (Zen 5), as fast as with the Vector API, against 3 for both in one.
   *
   * @param bytes from 0 on; overwritten
   * @param count how many
   * @param flip 0x80 for U8, 0 for S8: the bits that make S8 of it
   * @param zeroPoint of the S8
   * @param to written
   * @param at the first of them
   */
  static void centre(byte[] bytes, int count, int flip, int zeroPoint, float[] to, int at) {
    flip(bytes, count, (byte) flip);
    float zero = zeroPoint;
    for (int i = 0; i < count; i++) {
      to[at + i] = (float) bytes[i] - zero;
    }
  }

  private static void flip(byte[] bytes, int count, byte bits) {
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (bytes[i] ^ bits);
    }
  }
}
