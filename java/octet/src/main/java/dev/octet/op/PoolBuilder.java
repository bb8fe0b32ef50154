package dev.octet.op;

import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;

/**
 * The windows of average and max pooling, as their builders take them.
 *
 * @param <B> the builder itself
 */
abstract sealed class PoolBuilder<B extends PoolBuilder<B>> permits AveragePool.Builder, MaxPool.Builder {
  private final WindowBuilder window = new WindowBuilder();
  private int kernelHeight;
  private int kernelWidth;

  PoolBuilder() {}

  abstract B self();

  /**
   * The size of a window.
   *
   * @param height rows, at least 1
   * @param width columns, at least 1
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B window(int height, int width) {
    this.kernelHeight = Checks.positive("window height", height);
    this.kernelWidth = Checks.positive("window width", width);
    return self();
  }

  /**
   * A square window.
   *
   * @param size rows and columns, at least 1
   * @return this
   * @throws IllegalArgumentException if less than 1
   */
  public B window(int size) {
    return window(size, size);
  }

  /**
   * From one window to the next; 1 unless given, as in ONNX.
   *
   * @param height rows, at least 1
   * @param width columns, at least 1
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B stride(int height, int width) {
    window.stride(height, width);
    return self();
  }

  /**
   * From one window to the next in both directions; 1 unless given, as in ONNX.
   *
   * @param stride rows and columns, at least 1
   * @return this
   * @throws IllegalArgumentException if less than 1
   */
  public B stride(int stride) {
    return stride(stride, stride);
  }

  /**
   * From one tap of a window to the next; 1 (adjacent) unless given.
   *
   * @param height rows, at least 1
   * @param width columns, at least 1
   * @return this
   * @throws IllegalArgumentException if one is less than 1
   */
  public B dilation(int height, int width) {
    window.dilation(height, width);
    return self();
  }

  /**
   * From one tap of a window to the next in both directions; 1 (adjacent) unless given.
   *
   * @param dilation rows and columns, at least 1
   * @return this
   * @throws IllegalArgumentException if less than 1
   */
  public B dilation(int dilation) {
    return dilation(dilation, dilation);
  }

  /**
   * Rows and columns around the image that windows may cover; none unless given.
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
   * The same padding on all sides.
   *
   * @param padding rows and columns, 0 or more
   * @return this
   * @throws IllegalArgumentException if negative
   */
  public B padding(int padding) {
    return padding(padding, padding, padding, padding);
  }

  Window windowSpec() {
    if (kernelHeight == 0) {
      throw new IllegalArgumentException("window: not given");
    }
    return window.spec(kernelHeight, kernelWidth);
  }
}
