package dev.octet.internal.pack;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.engine.ConvWeights;
import java.lang.foreign.ValueLayout;

/**
 * Weights of a convolution minus their zero points: nine bits, so that a product needs no zero point of the
 * weights any more; as sums of bytes where they do not fit one; and sums over the part of the window that
 * lies in the image, which compensate for the zero point of the images at their borders:
 *
 * <pre>
 * acc = sum over taps in the image of (a - za)(w - zw) = sum of a (w - zw)  -  za * sum of (w - zw)
 * </pre>
 */
public final class ConvTaps {
  private final int out;
  private final int height;
  private final int width;
  private final int in;
  /** {@code [out][height][width][in]}. */
  private final short[] centred;

  /**
   * Reads weights.
   *
   * @param weights S8 or U8
   */
  public ConvTaps(ConvWeights weights) {
    this.out = weights.outChannels();
    this.height = weights.height();
    this.width = weights.width();
    this.in = weights.inPerGroup();
    int taps = height * width;
    byte[] bytes = weights.tensor().data().toArray(ValueLayout.JAVA_BYTE);
    boolean unsigned = weights.type() == DataType.U8;
    boolean perChannel = weights.tensor().quantization().granularity() == Granularity.PER_CHANNEL;
    this.centred = new short[bytes.length];
    for (int o = 0; o < out; o++) {
      int zeroPoint = weights.zeroPoint(perChannel ? o : 0);
      for (int tap = 0; tap < taps; tap++) {
        for (int i = 0; i < in; i++) {
          byte w = bytes[(int) weights.position(o, tap, i)];
          centred[(o * taps + tap) * in + i] = (short) ((unsigned ? w & 0xff : w) - zeroPoint);
        }
      }
    }
  }

  /** Weights of an output channel. */
  public int perChannel() {
    return height * width * in;
  }

  /**
   * How many bytes each weight has to be the sum of.
   *
   * @param min the smallest value of a byte that is allowed, -64 or less
   * @param max the largest one, 64 or more
   * @return 1 to 4
   */
  public int parts(int min, int max) {
    int least = 0;
    int most = 0;
    for (short w : centred) {
      least = Math.min(least, w);
      most = Math.max(most, w);
    }
    return Math.max(1, Math.max(Math.ceilDiv(most, max), Math.ceilDiv(least, min)));
  }

  /** One of the bytes that a weight is the sum of: as much as fits, what the parts before it left over. */
  private static int part(int weight, int part, int min, int max) {
    return weight >= 0
        ? Math.clamp(weight - (long) part * max, 0, max)
        : Math.clamp(weight - (long) part * min, min, 0);
  }

  /**
   * Writes some input channels of a window as bytes.
   *
   * @param o the output channel
   * @param part which of {@link #parts}
   * @param min as there
   * @param max as there
   * @param dst {@code taps} rows
   * @param offset the first byte
   * @param stride bytes from one tap to the next, at least the input channels
   */
  public void write(int o, int part, int min, int max, byte[] dst, int offset, int stride) {
    for (int tap = 0; tap < height * width; tap++) {
      int from = (o * height * width + tap) * in;
      for (int i = 0; i < in; i++) {
        dst[offset + tap * stride + i] = (byte) part(centred[from + i], part, min, max);
      }
    }
  }

  /**
   * The largest magnitude that the sum of products with unsigned bytes can reach, of any output channel and
   * part.
   *
   * @param parts how many there are
   * @param min as in {@link #parts}
   * @param max as there
   * @return the bound
   */
  public long bound(int parts, int min, int max) {
    long bound = 0;
    for (int o = 0; o < out; o++) {
      for (int part = 0; part < parts; part++) {
        long positive = 0;
        long negative = 0;
        for (int i = 0; i < perChannel(); i++) {
          int w = part(centred[o * perChannel() + i], part, min, max);
          positive += Math.max(w, 0);
          negative -= Math.min(w, 0);
        }
        bound = Math.max(bound, 255 * Math.max(positive, negative));
      }
    }
    return bound;
  }

  /** Sums over parts of the window. */
  public Windows windows() {
    return new Windows(this);
  }

  /** Sums of the weights over any rectangle of taps, by differences of sums from the first tap on. */
  public static final class Windows {
    private final int out;
    private final int height;
    private final int width;
    /** {@code [height + 1][width + 1][out]}. */
    private final int[] sums;

    private Windows(ConvTaps taps) {
      this.out = taps.out;
      this.height = taps.height;
      this.width = taps.width;
      this.sums = new int[(height + 1) * (width + 1) * out];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int o = 0; o < out; o++) {
            int sum = 0;
            int from = ((o * height + y) * width + x) * taps.in;
            for (int i = 0; i < taps.in; i++) {
              sum += taps.centred[from + i];
            }
            sums[at(y + 1, x + 1) + o] = sum + sums[at(y, x + 1) + o] + sums[at(y + 1, x) + o]
                - sums[at(y, x) + o];
          }
        }
      }
    }

    private int at(int y, int x) {
      return (y * (width + 1) + x) * out;
    }

    /** Memory of the sums. */
    public long bytes() {
      return 4L * sums.length;
    }

    /**
     * What is added to the accumulators of outputs that have the same taps in the image.
     *
     * @param zeroPoint of the images as they are multiplied
     * @param bias one integer an output channel, or null
     * @param rows the taps in the image along the height
     * @param columns the taps in the image along the width
     * @return {@code bias - zeroPoint * sum of the weights}, for each output channel
     */
    public int[] terms(int zeroPoint, int[] bias, TapRuns.Run rows, TapRuns.Run columns) {
      return terms(zeroPoint, bias, rows.firstTap(), rows.endTap(), columns.firstTap(), columns.endTap());
    }

    /** The same for outputs that have the whole window in the image. */
    public int[] terms(int zeroPoint, int[] bias) {
      return terms(zeroPoint, bias, 0, height, 0, width);
    }

    private int[] terms(int zeroPoint, int[] bias, int y0, int y1, int x0, int x1) {
      int[] terms = new int[out];
      for (int o = 0; o < out; o++) {
        int sum = sums[at(y1, x1) + o] - sums[at(y0, x1) + o] - sums[at(y1, x0) + o] + sums[at(y0, x0) + o];
        terms[o] = (bias == null ? 0 : bias[o]) - zeroPoint * sum;
      }
      return terms;
    }
  }
}
