package dev.octet.op;

import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;

/** Stride, dilation and padding of the builders of convolution and pooling. */
final class WindowBuilder {
  private int strideHeight = 1;
  private int strideWidth = 1;
  private int dilationHeight = 1;
  private int dilationWidth = 1;
  private int padTop;
  private int padLeft;
  private int padBottom;
  private int padRight;
  private boolean ceil;

  void stride(int height, int width) {
    this.strideHeight = Checks.positive("stride height", height);
    this.strideWidth = Checks.positive("stride width", width);
  }

  void dilation(int height, int width) {
    this.dilationHeight = Checks.positive("dilation height", height);
    this.dilationWidth = Checks.positive("dilation width", width);
  }

  void padding(int top, int left, int bottom, int right) {
    this.padTop = Checks.notNegative("padding top", top);
    this.padLeft = Checks.notNegative("padding left", left);
    this.padBottom = Checks.notNegative("padding bottom", bottom);
    this.padRight = Checks.notNegative("padding right", right);
  }

  void ceil() {
    this.ceil = true;
  }

  /** Returns the window for a kernel of 1 x 1 or larger. */
  Window spec(int kernelHeight, int kernelWidth) {
    return new Window(kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth,
        padTop, padLeft, padBottom, padRight, ceil);
  }
}
