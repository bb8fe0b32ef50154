package dev.octet.internal.vector.images;

import dev.octet.DataType;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.ConvWeights;
import dev.octet.engine.Window;
import dev.octet.internal.epilogue.Epilogue;
import dev.octet.internal.vector.common.Elements;

/**
 * What the ways to convolve share: images minus their zero point, so that a padded tap is 0 whatever the zero
 * point, and where windows lie.
 */
final class ConvForm {
  final Conv2dSpec spec;
  final Window window;
  /** Channels of an image, and of a result. */
  final int channels;
  final int outChannels;
  /** Channels of an image and of a result in a group. */
  final int in;
  final int out;
  /** What makes S8 of a byte of an image, and its zero point then; 0 where that comes with the run. */
  final int flip;
  final int zeroPoint;
  /** Whether scale and zero point come with the run. */
  final boolean atRun;
  /** The largest magnitude of an image minus its zero point. */
  final int largest;

  ConvForm(Conv2dSpec spec) {
    ConvWeights weights = spec.weights();
    DataType type = spec.input().type();
    this.spec = spec;
    this.window = spec.window();
    this.channels = spec.inChannels();
    this.outChannels = weights.outChannels();
    this.in = weights.inPerGroup();
    this.out = outChannels / spec.groups();
    this.flip = type == DataType.U8 ? 0x80 : 0;
    this.atRun = spec.input().atRun();
    this.zeroPoint = atRun ? 0 : spec.input().zeroPoint() - flip;
    this.largest = atRun ? 255 : Math.max(127 - zeroPoint, zeroPoint + 128);
  }

  int outputBytes() {
    return spec.output().type().bits() / 8;
  }

  /** Taps of the window. */
  int taps() {
    return window.kernelHeight() * window.kernelWidth();
  }

  /** The line of an image, or of its padding, at which the windows of an output line begin. */
  long top(int y) {
    return (long) y * window.strideHeight() - window.padTop();
  }

  long left(int x) {
    return (long) x * window.strideWidth() - window.padLeft();
  }

  /** The first row of taps that lies in the image for the output lines up to one. */
  int firstTapRow(int lastLine) {
    return Window.firstTap(top(lastLine), window.dilationHeight(), window.kernelHeight());
  }

  /** One behind the last row of taps that lies in the image for the output lines from one on. */
  int endTapRow(int firstLine, int height) {
    return Window.endTap(top(firstLine), height, window.dilationHeight(), window.kernelHeight(), 0);
  }

  /** Lines of an image, with padding, that the windows of some output lines span. */
  long span(int lines) {
    return (lines - 1L) * window.strideHeight() + (window.kernelHeight() - 1L) * window.dilationHeight() + 1;
  }

  /** Columns of an image, with padding, that the windows of some output columns span. */
  long spanOfColumns(int columns) {
    return (columns - 1L) * window.strideWidth() + (window.kernelWidth() - 1L) * window.dilationWidth() + 1;
  }

  /** Whether a line has taps: with strides beyond the window some have none. */
  boolean isSeen(int line, int lines) {
    for (int tap = 0; tap < window.kernelHeight(); tap++) {
      int at = line - tap * window.dilationHeight();
      if (at < 0) {
        return false;
      }
      if (at % window.strideHeight() == 0 && at / window.strideHeight() < lines) {
        return true;
      }
    }
    return false;
  }

  /** Elements of the part of an image, with padding, that the windows of a rectangle of outputs span. */
  long elements(int lines, int columns) {
    double count = (double) span(lines) * spanOfColumns(columns) * channels;
    return count > Integer.MAX_VALUE ? Integer.MAX_VALUE : (long) count;
  }

  /** From accumulators to results; nothing is left to compensate but zero points of the weights. */
  Epilogue epilogue(int[] weightZeroPoints) {
    int[] terms = spec.bias() == null ? new int[outChannels] : spec.bias().clone();
    return Epilogue.of(spec, terms, weightZeroPoints);
  }
}
