package dev.octet.op;

import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;

/**
 * Builder of a pooling with windows: the settings of {@link AveragePool} and {@link MaxPool}.
 *
 * @param <B> the type of the builder
 */
abstract sealed class PoolBuilder<B extends PoolBuilder<B>> permits AveragePool.Builder, MaxPool.Builder {
  private final WindowBuilder window = new WindowBuilder();
  private int kernelHeight;
  private int kernelWidth;

  PoolBuilder() {}

  abstract B self();

  /**
   * Sets the size of the window.
   *
   * @param height rows, 1 or more
   * @param width columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B window(int height, int width) {
    this.kernelHeight = Checks.positive("window height", height);
    this.kernelWidth = Checks.positive("window width", width);
    return self();
  }

  /**
   * Sets a square window.
   *
   * @param size rows and columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B window(int size) {
    return window(size, size);
  }

  /**
   * Sets the stride, the distance from one window to the next. The default is 1, as in ONNX.
   *
   * @param height rows, 1 or more
   * @param width columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B stride(int height, int width) {
    window.stride(height, width);
    return self();
  }

  /**
   * Sets the same stride, the distance from one window to the next, in both directions. The default is 1, as
   * in ONNX.
   *
   * @param stride rows and columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B stride(int stride) {
    return stride(stride, stride);
  }

  /**
   * Sets the dilation, the distance from one tap of a window to the next. The default is 1: adjacent taps.
   *
   * @param height rows, 1 or more
   * @param width columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B dilation(int height, int width) {
    window.dilation(height, width);
    return self();
  }

  /**
   * Sets the same dilation, the distance from one tap of a window to the next, in both directions. The
   * default is 1: adjacent taps.
   *
   * @param dilation rows and columns, 1 or more
   * @return this
   * @throws IllegalArgumentException if it is less than 1
   */
  public B dilation(int dilation) {
    return dilation(dilation, dilation);
  }

  /**
   * Sets the padding, the rows and columns around the image that windows may cover. The default is 0.
   *
   * @param top rows above, 0 or more
   * @param left columns on the left, 0 or more
   * @param bottom rows below, 0 or more
   * @param right columns on the right, 0 or more
   * @return this
   * @throws IllegalArgumentException if one is negative
   */
  public B padding(int top, int left, int bottom, int right) {
    window.padding(top, left, bottom, right);
    return self();
  }

  /**
   * Sets the same padding on all sides.
   *
   * @param padding rows and columns, 0 or more
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public B padding(int padding) {
    return padding(padding, padding, padding, padding);
  }

  /**
   * Rounds the number of windows up instead of down, as ONNX does with ceil_mode and PyTorch with
   * {@code ceil_mode=True}: where the last stride leaves rows or columns of the padded image that no window
   * covers, there is one more window, unless it would begin beyond the image itself. Its taps beyond the
   * padding count as nothing, not even where padding counts.
   *
   * @return this
   */
  public B ceilMode() {
    window.ceil();
    return self();
  }

  Window windowSpec() {
    if (kernelHeight == 0) {
      throw new IllegalArgumentException("window: not given");
    }
    return window.spec(kernelHeight, kernelWidth);
  }
}
