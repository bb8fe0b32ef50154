package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Padded images, split by their phases: all rows and columns that one tap of a window with strides meets lie
 * next to each other. So the elements that a tap meets in all windows are one part of an array, with those
 * between the ends of its rows.
 */
final class Polyphase {
  /** The array of {@link Scratch} that images are in; 0 to 7 are the products'. */
  private static final int IMAGES = 8;
  /** That of an image as it comes. */
  private static final int PLANE = 9;

  private final Window window;
  private final int channels;
  private final int phaseRows;
  private final int phaseColumns;

  /**
   * Plans.
   *
   * @param window how windows move over an image
   * @param channels how many images are split at a time
   */
  Polyphase(Window window, int channels) {
    this.window = window;
    this.channels = channels;
    this.phaseRows = phase(window.rows());
    this.phaseColumns = phase(window.columns());
    double elements = (double) phaseRows * phaseColumns * window.rows().stride() * window.columns().stride()
        * channels;
    Runs.array("a padded image", Math.max((long) elements, window.pixels()));
  }

  /** The elements of one phase. */
  private static int phase(Window.Axis axis) {
    return Runs.array("a padded image", Math.ceilDiv(axis.covered(), axis.stride()));
  }

  private int image() {
    return window.rows().stride() * window.columns().stride() * phaseRows * phaseColumns;
  }

  /** The bytes of the arrays of a run. */
  long bytes() {
    return Float.BYTES * ((long) channels * image() + window.pixels());
  }

  /** From one row of windows to the next. */
  int rowStride() {
    return phaseColumns;
  }

  /** From the first window to behind the last. */
  int length() {
    return (window.rows().windows() - 1) * phaseColumns + window.columns().windows();
  }

  /** An array for images, whose padding is this number. */
  float[] images(Scratch scratch, float padding) {
    float[] images = scratch.floats(IMAGES, channels * image());
    Arrays.fill(images, 0, channels * image(), padding);
    return images;
  }

  /** Reads as many images as are split at a time, from an element on. */
  void load(MemorySegment from, long at, float[] images, Scratch scratch) {
    int pixels = (int) window.pixels();
    float[] plane = scratch.floats(PLANE, pixels);
    for (int channel = 0; channel < channels; channel++) {
      MemorySegment.copy(from, Elements.FLOAT, 4 * (at + (long) channel * pixels), plane, 0, pixels);
      split(plane, images, channel * image());
    }
  }

  private void split(float[] plane, float[] images, int at) {
    Window.Axis rows = window.rows();
    Window.Axis columns = window.columns();
    int stride = columns.stride();
    int height = (int) Math.min(rows.length(), rows.covered() - rows.before());
    int width = (int) Math.min(columns.length(), columns.covered() - columns.before());
    for (int y = 0; y < height; y++) {
      int row = y + rows.before();
      int from = y * columns.length();
      int to = at + ((row % rows.stride()) * stride * phaseRows + row / rows.stride()) * phaseColumns;
      for (int first = 0; first < Math.min(stride, width); first++) {
        int column = first + columns.before();
        int place = to + column % stride * phaseRows * phaseColumns + column / stride;
        if (stride == 1) {
          System.arraycopy(plane, from, images, place, width);
        } else {
          for (int x = first; x < width; x += stride) {
            images[place++] = plane[from + x];
          }
        }
      }
    }
  }

  /** The element of an image that a tap meets in the first window. */
  int tap(int channel, int row, int column) {
    int y = row * window.rows().dilation();
    int x = column * window.columns().dilation();
    int stride = window.columns().stride();
    int phase = (y % window.rows().stride()) * stride + x % stride;
    return channel * image()
        + (phase * phaseRows + y / window.rows().stride()) * phaseColumns + x / stride;
  }

  /** Copies the elements that a tap of each window meets, for windows one after the other. */
  void copy(float[] images, int tap, int first, int count, MemorySegment to, long place) {
    int width = window.columns().windows();
    if (width == phaseColumns) {
      MemorySegment.copy(images, tap + first, to, Elements.FLOAT, 4 * place, count);
      return;
    }
    int row = first / width;
    int column = first % width;
    for (int at = 0; at < count;) {
      int part = Math.min(width - column, count - at);
      MemorySegment.copy(images, tap + row * phaseColumns + column, to, Elements.FLOAT, 4 * (place + at),
          part);
      at += part;
      row++;
      column = 0;
    }
  }

  /**
   * Writes results of all windows without those between the ends of the rows, for which they are moved
   * together.
   *
   * @param results in the order of {@link #length}
   * @param first the element that the results begin with
   * @param count of them
   */
  void put(float[] results, int first, int count, MemorySegment to, long at) {
    int width = window.columns().windows();
    int begin = first / phaseColumns;
    int moved = 0;
    for (int row = begin; row * phaseColumns < first + count; row++) {
      int from = Math.max(first, row * phaseColumns);
      int behind = Math.min(first + count, row * phaseColumns + width);
      if (behind > from) {
        System.arraycopy(results, from - first, results, moved, behind - from);
        moved += behind - from;
      }
    }
    long place = at + (long) begin * width + Math.min(width, first - begin * phaseColumns);
    MemorySegment.copy(results, 0, to, Elements.FLOAT, 4 * place, moved);
  }
}
