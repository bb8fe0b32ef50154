package dev.octet.bench.digits;

import java.util.Arrays;

/**
 * A convolution with stride 1, forward and backward, in float. Tensors are {@code [channels][height][width]
 * [batch]}: with the batch innermost a row of an image is long, and a tap is a scaled row added to a row.
 * Weights are OHWI, as Octet takes them. A dense layer is a convolution whose window is the image.
 */
final class Convolution {
  private final int batch;
  private final int inChannels;
  private final int inHeight;
  private final int inWidth;
  private final int outChannels;
  private final int outHeight;
  private final int outWidth;
  private final int window;
  private final int padding;
  /** {@code [inChannels][inHeight][window]}: the input rows as each column of the window sees them. */
  private final float[][][][] shifted;
  /** {@code [outChannels][outHeight]} */
  private final float[][][] gradients;
  private final float[] row;
  private final float[] inRow;
  private final float[] inSum;

  Convolution(LayerShape shape, int batch) {
    this.batch = batch;
    this.inChannels = shape.inChannels();
    this.inHeight = shape.inHeight();
    this.inWidth = shape.inWidth();
    this.outChannels = shape.outChannels();
    this.outHeight = shape.convHeight();
    this.outWidth = shape.convWidth();
    this.window = shape.window();
    this.padding = shape.padding();
    int length = outWidth * batch;
    this.shifted = new float[inChannels][inHeight][window][length];
    this.gradients = new float[outChannels][outHeight][length];
    this.row = new float[length];
    this.inRow = new float[inWidth * batch];
    this.inSum = new float[inWidth * batch];
  }

  void forward(float[] x, float[] w, float[] y) {
    for (int ci = 0; ci < inChannels; ci++) {
      for (int iy = 0; iy < inHeight; iy++) {
        for (int kx = 0; kx < window; kx++) {
          // Columns outside of the image are zero from the start.
          System.arraycopy(x, ((ci * inHeight + iy) * inWidth + firstIn(kx)) * batch, shifted[ci][iy][kx],
              firstOut(kx) * batch, columns(kx) * batch);
        }
      }
    }
    for (int co = 0; co < outChannels; co++) {
      for (int oy = 0; oy < outHeight; oy++) {
        Arrays.fill(row, 0);
        for (int ky = Math.max(0, padding - oy); ky < Math.min(window, inHeight + padding - oy); ky++) {
          for (int ci = 0; ci < inChannels; ci++) {
            addTaps(shifted[ci][oy + ky - padding], w, (co * window + ky) * window * inChannels + ci);
          }
        }
        System.arraycopy(row, 0, y, (co * outHeight + oy) * row.length, row.length);
      }
    }
  }

  /** Adds one row of the window. */
  private void addTaps(float[][] taps, float[] w, int at) {
    int kx = 0;
    for (; kx + 2 < window; kx += 3) {
      Rows.addScaled(row, taps[kx], w[at + kx * inChannels], taps[kx + 1], w[at + (kx + 1) * inChannels],
          taps[kx + 2], w[at + (kx + 2) * inChannels]);
    }
    for (; kx < window; kx++) {
      Rows.addScaled(row, taps[kx], w[at + kx * inChannels]);
    }
  }

  /**
   * After forward.
   *
   * @param dy the gradient of its result
   * @param w the weights that it saw
   * @param dw receives the gradient of the weights
   * @param dx receives the gradient of the input; null where nobody asks
   */
  void backward(float[] dy, float[] w, float[] dw, float[] dx) {
    for (int co = 0; co < outChannels; co++) {
      for (int oy = 0; oy < outHeight; oy++) {
        System.arraycopy(dy, (co * outHeight + oy) * row.length, gradients[co][oy], 0, row.length);
      }
    }
    for (int co = 0; co < outChannels; co++) {
      for (int ky = 0; ky < window; ky++) {
        for (int kx = 0; kx < window; kx++) {
          for (int ci = 0; ci < inChannels; ci++) {
            dw[((co * window + ky) * window + kx) * inChannels + ci] = weightGradient(co, ky, kx, ci);
          }
        }
      }
    }
    if (dx != null) {
      for (int ci = 0; ci < inChannels; ci++) {
        for (int iy = 0; iy < inHeight; iy++) {
          inputGradient(ci, iy, w);
          System.arraycopy(inSum, 0, dx, (ci * inHeight + iy) * inSum.length, inSum.length);
        }
      }
    }
  }

  private float weightGradient(int co, int ky, int kx, int ci) {
    Arrays.fill(row, 0);
    int oy = Math.max(0, padding - ky);
    int end = Math.min(outHeight, inHeight + padding - ky);
    for (; oy + 1 < end; oy += 2) {
      Rows.addProduct(row, gradients[co][oy], shifted[ci][oy + ky - padding][kx], gradients[co][oy + 1],
          shifted[ci][oy + 1 + ky - padding][kx]);
    }
    for (; oy < end; oy++) {
      Rows.addProduct(row, gradients[co][oy], shifted[ci][oy + ky - padding][kx]);
    }
    return Rows.sum(row);
  }

  private void inputGradient(int ci, int iy, float[] w) {
    Arrays.fill(inSum, 0);
    for (int kx = 0; kx < window; kx++) {
      Arrays.fill(row, 0);
      for (int ky = Math.max(0, iy + padding - outHeight + 1); ky < Math.min(window,
          iy + padding + 1); ky++) {
        int oy = iy + padding - ky;
        int at = (ky * window + kx) * inChannels + ci;
        int step = window * window * inChannels;
        int co = 0;
        for (; co + 2 < outChannels; co += 3) {
          Rows.addScaled(row, gradients[co][oy], w[at + co * step], gradients[co + 1][oy],
              w[at + (co + 1) * step], gradients[co + 2][oy], w[at + (co + 2) * step]);
        }
        for (; co < outChannels; co++) {
          Rows.addScaled(row, gradients[co][oy], w[at + co * step]);
        }
      }
      Arrays.fill(inRow, 0);
      System.arraycopy(row, firstOut(kx) * batch, inRow, firstIn(kx) * batch, columns(kx) * batch);
      Rows.add(inSum, inRow);
    }
  }

  /** The first input column that a column of the window meets. */
  private int firstIn(int kx) {
    return Math.max(0, kx - padding);
  }

  /** The output column that it belongs to. */
  private int firstOut(int kx) {
    return Math.max(0, padding - kx);
  }

  private int columns(int kx) {
    return Math.min(outWidth - firstOut(kx), inWidth - firstIn(kx));
  }
}
