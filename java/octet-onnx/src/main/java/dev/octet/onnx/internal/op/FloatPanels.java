package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products of floats that C2 turns into fused multiply-adds by itself: four rows, four steps of K, and one
 * loop over the columns of a panel. The right matrix is in panels of so many columns that a second cache
 * holds one; each of their rows is an array, since C2 vectorizes across arrays but not across parts of one.
 */
final class FloatPanels {
  /**
   * What the sums begin with.
   *
   * @param ofRows a number for each row of the result; null where it is 0
   * @param ofColumns likewise for each column
   * @param adds whether they begin with what the result holds
   */
  record Bias(float[] ofRows, float[] ofColumns, boolean adds) {
    /** Sums begin with 0. */
    static final Bias NONE = new Bias(null, null, false);
    /** Sums are added to the result. */
    static final Bias SUMS = new Bias(null, null, true);

    /** Sums begin with a number of each row, of each column, or with 0 where both are null. */
    Bias(float[] ofRows, float[] ofColumns) {
      this(ofRows, ofColumns, false);
    }

    private void begin(float[] sums, long row, int column, int width, Operand result) {
      if (adds) {
        result.load(row, column, sums, width);
      } else if (ofColumns != null) {
        System.arraycopy(ofColumns, column, sums, 0, width);
      } else {
        Arrays.fill(sums, 0, width, ofRows == null ? 0 : ofRows[(int) row]);
      }
    }
  }

  /**
   * A matrix in memory, or a part of one.
   *
   * @param at its first element
   * @param stride from one row to the next
   */
  record Operand(MemorySegment data, long at, long stride) {
    private long place(long row, long column) {
      return 4 * (at + row * stride + column);
    }

    private void load(long row, long column, float[] into, int count) {
      MemorySegment.copy(data, Elements.FLOAT, place(row, column), into, 0, count);
    }

    private void store(long row, long column, float[] from, int count) {
      MemorySegment.copy(from, 0, data, Elements.FLOAT, place(row, column), count);
    }
  }

  private static final int WIDE = 512;
  private static final int NARROW = 256;
  /** Up to so many rows a wide panel is in cache. */
  private static final int SHORT = 512;

  private final int k;
  private final int n;
  /** {@code [panel][row][column]}. */
  private final float[][][] panels;

  private FloatPanels(int k, int n, float[][][] panels) {
    this.k = k;
    this.n = n;
    this.panels = panels;
  }

  /** Packs a matrix. */
  static FloatPanels pack(MemorySegment matrix, long rows, long columns) {
    int k = Math.toIntExact(rows);
    int n = Math.toIntExact(columns);
    int width = width(k);
    float[][][] panels = new float[Math.ceilDiv(n, width)][k][];
    for (int p = 0; p < panels.length; p++) {
      int count = Math.min(width, n - p * width);
      for (int row = 0; row < k; row++) {
        panels[p][row] = new float[count];
      }
      load(matrix, 0, k, n, p * width, count, panels[p]);
    }
    return new FloatPanels(k, n, panels);
  }

  private static int width(int k) {
    return k <= SHORT ? WIDE : NARROW;
  }

  /** Reads columns of a matrix from an element on. */
  static void load(MemorySegment matrix, long at, int k, int n, int column, int count,
      float[][] panel) {
    for (int row = 0; row < k; row++) {
      MemorySegment.copy(matrix, Elements.FLOAT, 4 * (at + (long) row * n + column), panel[row], 0, count);
    }
  }

  /** Multiplies rows with the packed matrix. */
  void multiply(MemorySegment x, MemorySegment y, long rows, Bias bias, Scratch scratch) {
    for (int p = 0; p < panels.length; p++) {
      int column = p * width(k);
      int count = Math.min(width(k), n - column);
      new Panel(panels[p], column, count).multiply(new Operand(x, 0, k), new Operand(y, 0, n), rows, k, bias,
          scratch);
    }
  }

  /** Multiplies a matrix with another one that is read now. */
  static void multiply(MemorySegment x, long xAt, MemorySegment w, long wAt, MemorySegment y, long yAt,
      Products sizes, Bias bias, Scratch scratch) {
    int k = sizes.k();
    int n = sizes.n();
    for (int column = 0; column < n; column += width(k)) {
      int count = Math.min(width(k), n - column);
      float[][] panel = scratch.rows(k, count);
      load(w, wAt, k, n, column, count, panel);
      new Panel(panel, column, count).multiply(new Operand(x, xAt, k), new Operand(y, yAt, n), sizes.m(), k,
          bias, scratch);
    }
  }

  /**
   * Some columns of the right matrix.
   *
   * @param rows each in an array
   * @param column the first one
   * @param width how many
   */
  record Panel(float[][] rows, int column, int width) {
    /** Multiplies m rows of k elements, and writes this panel's columns of as many rows. */
    void multiply(Operand x, Operand y, long m, int k, Bias bias, Scratch scratch) {
      float[] x0 = scratch.floats(0, k);
      float[] x1 = scratch.floats(1, k);
      float[] x2 = scratch.floats(2, k);
      float[] x3 = scratch.floats(3, k);
      float[] y0 = scratch.floats(4, width);
      float[] y1 = scratch.floats(5, width);
      float[] y2 = scratch.floats(6, width);
      float[] y3 = scratch.floats(7, width);
      float[][] from = {x0, x1, x2, x3};
      float[][] to = {y0, y1, y2, y3};
      for (long row = 0; row < m; row += 4) {
        int count = (int) Math.min(4, m - row);
        for (int r = 0; r < count; r++) {
          x.load(row + r, 0, from[r], k);
          bias.begin(to[r], row + r, column, width, y);
        }
        int whole = count == 1 ? 0 : k - k % 4;
        for (int i = 0; i < whole; i += 4) {
          four(x0, x1, x2, x3, i, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], y0, y1, y2, y3, width);
        }
        for (int i = whole; i < k; i++) {
          for (int r = 0; r < count; r++) {
            one(from[r][i], rows[i], to[r], width);
          }
        }
        for (int r = 0; r < count; r++) {
          y.store(row + r, column, to[r], width);
        }
      }
    }
  }

  /** Four rows, four steps; where there are two or three, what comes of the others is thrown away. */
  private static void four(float[] x0, float[] x1, float[] x2, float[] x3, int i, float[] w0, float[] w1,
      float[] w2, float[] w3, float[] y0, float[] y1, float[] y2, float[] y3, int width) {
    float x00 = x0[i];
    float x01 = x0[i + 1];
    float x02 = x0[i + 2];
    float x03 = x0[i + 3];
    float x10 = x1[i];
    float x11 = x1[i + 1];
    float x12 = x1[i + 2];
    float x13 = x1[i + 3];
    float x20 = x2[i];
    float x21 = x2[i + 1];
    float x22 = x2[i + 2];
    float x23 = x2[i + 3];
    float x30 = x3[i];
    float x31 = x3[i + 1];
    float x32 = x3[i + 2];
    float x33 = x3[i + 3];
    for (int j = 0; j < width; j++) {
      float a = w0[j];
      float b = w1[j];
      float c = w2[j];
      float d = w3[j];
      y0[j] = Math.fma(x03, d, Math.fma(x02, c, Math.fma(x01, b, Math.fma(x00, a, y0[j]))));
      y1[j] = Math.fma(x13, d, Math.fma(x12, c, Math.fma(x11, b, Math.fma(x10, a, y1[j]))));
      y2[j] = Math.fma(x23, d, Math.fma(x22, c, Math.fma(x21, b, Math.fma(x20, a, y2[j]))));
      y3[j] = Math.fma(x33, d, Math.fma(x32, c, Math.fma(x31, b, Math.fma(x30, a, y3[j]))));
    }
  }

  private static void one(float x, float[] w, float[] y, int width) {
    for (int j = 0; j < width; j++) {
      y[j] = Math.fma(x, w[j], y[j]);
    }
  }
}
