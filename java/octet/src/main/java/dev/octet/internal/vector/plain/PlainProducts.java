package dev.octet.internal.vector.plain;

import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import java.util.Arrays;

/**
 * Products that C2 turns into fused multiply-adds by itself: four rows, four steps of K, and one loop over
 * the columns of a panel, which is wide, because C2 needs some hundred iterations to be worth its loop.
 *
 * <p>
 * One core (Zen 5), GOPS, panels of 256 x 1,024, 64 rows: 2 or 4 rows by 4 steps from bytes 120, from floats
 * 95; 4 rows by 2 steps 80; one row 90; panels of 256 columns 90, of 64 columns 40. A sum over pairs of
 * shorts, which C2 has an instruction for, 63 where it does not sum up along the row and 6 where it does;
 * over bytes 5.
 */
public final class PlainProducts implements ProductLoops {
  private static final int STEPS = 4;
  /** Rows of a panel that are multiplied by all rows before the next: what a second cache holds. */
  private static final int CACHED = 256;
  private static final int GRAIN = 32;
  private static final float MAGIC = 12582912f;

  /** One is enough. */
  public PlainProducts() {}

  @Override
  public int panelColumns(int n) {
    int panels = Math.ceilDiv(n, WIDEST);
    return Math.ceilDiv(Math.ceilDiv(n, panels), GRAIN) * GRAIN;
  }

  @Override
  public int rowBlock() {
    return 4;
  }

  @Override
  public void multiply(float[] rows, int from, int count, byte[] panel, int at, int depth, int width,
      float[][] sums) {
    for (int row = 0; row < count; row++) {
      Arrays.fill(sums[row], 0, width, 0);
    }
    for (int first = 0; first < depth; first += CACHED) {
      int end = Math.min(depth, first + CACHED);
      int whole = end - (end - first) % STEPS;
      for (int row = 0; row < count;) {
        boolean alone = count - row == 1;
        int x = from + row * STRIDE;
        for (int k = first; k < whole; k += STEPS) {
          if (alone) {
            one(rows, x + k, panel, at + k * width, width, sums[row]);
          } else {
            four(rows, x + k, panel, at + k * width, width, sums[row], sums[row + 1], sums[row + 2],
                sums[row + 3]);
          }
        }
        int block = alone ? 1 : 4;
        for (int k = whole; k < end; k++) {
          for (int r = row; r < Math.min(count, row + block); r++) {
            step(rows[from + r * STRIDE + k], panel, at + k * width, width, sums[r]);
          }
        }
        row += block;
      }
    }
  }

  private static void four(float[] rows, int from, byte[] panel, int at, int width, float[] c0, float[] c1,
      float[] c2, float[] c3) {
    float x00 = rows[from];
    float x01 = rows[from + 1];
    float x02 = rows[from + 2];
    float x03 = rows[from + 3];
    float x10 = rows[from + STRIDE];
    float x11 = rows[from + 1 + STRIDE];
    float x12 = rows[from + 2 + STRIDE];
    float x13 = rows[from + 3 + STRIDE];
    float x20 = rows[from + 2 * STRIDE];
    float x21 = rows[from + 1 + 2 * STRIDE];
    float x22 = rows[from + 2 + 2 * STRIDE];
    float x23 = rows[from + 3 + 2 * STRIDE];
    float x30 = rows[from + 3 * STRIDE];
    float x31 = rows[from + 1 + 3 * STRIDE];
    float x32 = rows[from + 2 + 3 * STRIDE];
    float x33 = rows[from + 3 + 3 * STRIDE];
    for (int j = 0; j < width; j++) {
      float w0 = panel[at + j];
      float w1 = panel[at + width + j];
      float w2 = panel[at + 2 * width + j];
      float w3 = panel[at + 3 * width + j];
      c0[j] = Math.fma(x03, w3, Math.fma(x02, w2, Math.fma(x01, w1, Math.fma(x00, w0, c0[j]))));
      c1[j] = Math.fma(x13, w3, Math.fma(x12, w2, Math.fma(x11, w1, Math.fma(x10, w0, c1[j]))));
      c2[j] = Math.fma(x23, w3, Math.fma(x22, w2, Math.fma(x21, w1, Math.fma(x20, w0, c2[j]))));
      c3[j] = Math.fma(x33, w3, Math.fma(x32, w2, Math.fma(x31, w1, Math.fma(x30, w0, c3[j]))));
    }
  }

  private static void one(float[] rows, int from, byte[] panel, int at, int width, float[] c0) {
    float x00 = rows[from];
    float x01 = rows[from + 1];
    float x02 = rows[from + 2];
    float x03 = rows[from + 3];
    for (int j = 0; j < width; j++) {
      float w0 = panel[at + j];
      float w1 = panel[at + width + j];
      float w2 = panel[at + 2 * width + j];
      float w3 = panel[at + 3 * width + j];
      c0[j] = Math.fma(x03, w3, Math.fma(x02, w2, Math.fma(x01, w1, Math.fma(x00, w0, c0[j]))));
    }
  }

  private static void step(float x, byte[] panel, int at, int width, float[] sums) {
    for (int j = 0; j < width; j++) {
      sums[j] = Math.fma(x, (float) panel[at + j], sums[j]);
    }
  }

  @Override
  public void multiplyAdd(float[] rows, int count, float[] panel, int at, int depth, int width,
      float[][] sums) {
    for (int first = 0; first < depth; first += CACHED) {
      int end = Math.min(depth, first + CACHED);
      int whole = end - (end - first) % STEPS;
      for (int row = 0; row < count; row += 4) {
        int block = Math.min(count - row, 4);
        for (int k = first; k < whole && block > 1; k += STEPS) {
          four(rows, row * STRIDE + k, panel, at + k * width, width, sums[row], sums[row + 1], sums[row + 2],
              sums[row + 3]);
        }
        for (int k = block > 1 ? whole : first; k < end; k++) {
          for (int r = row; r < row + block; r++) {
            step(rows[r * STRIDE + k], panel, at + k * width, width, sums[r]);
          }
        }
      }
    }
  }

  private static void four(float[] rows, int from, float[] panel, int at, int width, float[] c0, float[] c1,
      float[] c2, float[] c3) {
    float x00 = rows[from];
    float x01 = rows[from + 1];
    float x02 = rows[from + 2];
    float x03 = rows[from + 3];
    float x10 = rows[from + STRIDE];
    float x11 = rows[from + 1 + STRIDE];
    float x12 = rows[from + 2 + STRIDE];
    float x13 = rows[from + 3 + STRIDE];
    float x20 = rows[from + 2 * STRIDE];
    float x21 = rows[from + 1 + 2 * STRIDE];
    float x22 = rows[from + 2 + 2 * STRIDE];
    float x23 = rows[from + 3 + 2 * STRIDE];
    float x30 = rows[from + 3 * STRIDE];
    float x31 = rows[from + 1 + 3 * STRIDE];
    float x32 = rows[from + 2 + 3 * STRIDE];
    float x33 = rows[from + 3 + 3 * STRIDE];
    for (int j = 0; j < width; j++) {
      float w0 = panel[at + j];
      float w1 = panel[at + width + j];
      float w2 = panel[at + 2 * width + j];
      float w3 = panel[at + 3 * width + j];
      c0[j] = Math.fma(x03, w3, Math.fma(x02, w2, Math.fma(x01, w1, Math.fma(x00, w0, c0[j]))));
      c1[j] = Math.fma(x13, w3, Math.fma(x12, w2, Math.fma(x11, w1, Math.fma(x10, w0, c1[j]))));
      c2[j] = Math.fma(x23, w3, Math.fma(x22, w2, Math.fma(x21, w1, Math.fma(x20, w0, c2[j]))));
      c3[j] = Math.fma(x33, w3, Math.fma(x32, w2, Math.fma(x31, w1, Math.fma(x30, w0, c3[j]))));
    }
  }

  private static void step(float x, float[] panel, int at, int width, float[] sums) {
    for (int j = 0; j < width; j++) {
      sums[j] = Math.fma(x, panel[at + j], sums[j]);
    }
  }

  @Override
  public void add(float[][] sums, int count, int width, int[] into, int at, int stride, boolean fresh) {
    for (int row = 0; row < count; row++) {
      if (fresh) {
        replace(sums[row], width, into, at + row * stride);
      } else {
        add(sums[row], width, into, at + row * stride);
      }
    }
  }

  private static void replace(float[] sums, int width, int[] into, int at) {
    for (int j = 0; j < width; j++) {
      into[at + j] = (int) sums[j];
    }
  }

  private static void add(float[] sums, int width, int[] into, int at) {
    for (int j = 0; j < width; j++) {
      into[at + j] += (int) sums[j];
    }
  }

  @Override
  public void addScaled(float[][] sums, int count, int width, float[] rowScales, int rowScale,
      int rowScaleStride, float[] columnScales, int columnScale, float[] into, int at, int stride) {
    for (int row = 0; row < count; row++) {
      float scale = rowScales == null ? 1 : rowScales[rowScale + row * rowScaleStride];
      addScaled(sums[row], width, scale, columnScales, columnScale, into, at + row * stride);
    }
  }

  private static void addScaled(float[] sums, int width, float scale, float[] columnScales, int columnScale,
      float[] into, int at) {
    for (int j = 0; j < width; j++) {
      into[at + j] = Math.fma(sums[j], scale * columnScales[columnScale + j], into[at + j]);
    }
  }

  @Override
  public boolean hasRowProducts() {
    return false;
  }

  @Override
  public void multiplyRow(QuantizedRow row, GroupedPanel panel, int k, int[] sums, float[] results, int at) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void unpack(byte[] packed, int at, int pairs, int width, byte[] zeroPoints, int zeroPoint,
      byte[] panel, int to) {
    for (int pair = 0; pair < pairs; pair++) {
      lower(packed, at + pair * width, width, zeroPoints, zeroPoint, panel, to + 2 * pair * width);
      upper(packed, at + pair * width, width, zeroPoints, zeroPoint, panel, to + (2 * pair + 1) * width);
    }
  }

  private static void lower(byte[] packed, int at, int width, byte[] zeroPoints, int zeroPoint, byte[] panel,
      int to) {
    for (int j = 0; j < width; j++) {
      panel[to + j] = (byte) ((packed[at + j] & 15) - zeroPoints[zeroPoint + j]);
    }
  }

  private static void upper(byte[] packed, int at, int width, byte[] zeroPoints, int zeroPoint, byte[] panel,
      int to) {
    for (int j = 0; j < width; j++) {
      panel[to + j] = (byte) ((packed[at + j] >> 4 & 15) - zeroPoints[zeroPoint + j]);
    }
  }

  @Override
  public void widen(byte[] bytes, int count, int flip, float[] floats, int at) {
    for (int i = 0; i < count; i++) {
      floats[at + i] = (byte) (bytes[i] ^ flip);
    }
  }

  @Override
  public float quantize(float[] values, int at, int count) {
    float absmax = 0;
    for (int i = 0; i < count; i++) {
      absmax = Math.max(absmax, Math.abs(values[at + i]));
    }
    float scale = absmax / 127;
    scale = scale == 0 ? 1 : scale;
    for (int i = 0; i < count; i++) {
      // NaN converts to 0, which becomes -127.
      int steps = (int) (values[at + i] / scale + MAGIC - (MAGIC - 127));
      values[at + i] = Math.min(Math.max(steps, 0), 254) - 127;
    }
    return scale;
  }
}
