package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.Set;

/**
 * The attributes of a window that moves over images of one or two dimensions, as a node has them: null where
 * it has none.
 *
 * @param kernel the sizes of the window; null where those of the weights are
 * @param strides from one window to the next
 * @param dilations from one tap to the next
 * @param pads first those before each axis, then those behind
 * @param padding how pads are found where they are not given
 * @param ceil whether a last window may stick out of the padded image
 */
record WindowAttributes(long[] kernel, long[] strides, long[] dilations, long[] pads, Padding padding,
    boolean ceil) {
  /** The words of auto_pad. */
  enum Padding {
    NOTSET, SAME_UPPER, SAME_LOWER, VALID;

    /** Whether there are as many windows as strides. */
    boolean isSame() {
      return this == SAME_UPPER || this == SAME_LOWER;
    }
  }

  static WindowAttributes read(Attributes attributes, boolean dilates, boolean ceils) {
    String padding = attributes.choice("auto_pad", "NOTSET",
        Set.of("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"));
    return new WindowAttributes(attributes.integers("kernel_shape"), attributes.integers("strides"),
        dilates ? attributes.integers("dilations") : null, attributes.integers("pads"),
        Padding.valueOf(padding), ceils && attributes.integer("ceil_mode", 0) != 0);
  }

  /**
   * Checks the attributes against each other.
   *
   * @param rank of the images, with batch and channels
   * @param sizes of the window; dimensions that are not known are -1
   * @throws UnsupportedOperationException if images have more than two dimensions
   */
  void check(int rank, long[] sizes) {
    if (rank < 3) {
      throw new IllegalArgumentException("input 0: expected batch, channels and one or two more axes, got "
          + rank + " axes");
    }
    if (rank > 4) {
      throw new UnsupportedOperationException(
          "windows over " + (rank - 2) + " dimensions are not offered, only over 1 and 2");
    }
    int axes = rank - 2;
    for (int axis = 0; axis < axes; axis++) {
      if (kernel != null && (kernel.length != axes
          || (sizes[axis] >= 0 && kernel[axis] != sizes[axis]))) {
        throw new IllegalArgumentException("attribute kernel_shape: expected " + Arrays.toString(sizes)
            + " as the weights have it, got " + Arrays.toString(kernel));
      }
    }
    check("kernel_shape", kernel, axes, 1);
    check("strides", strides, axes, 1);
    check("dilations", dilations, axes, 1);
    if (padding.isSame() && dilations != null
        && Arrays.stream(dilations).anyMatch(dilation -> dilation != 1)) {
      throw new UnsupportedOperationException(
          "attribute auto_pad: " + padding + " with dilations is not offered");
    }
    check("pads", padding == Padding.NOTSET ? pads : null, 2 * axes, 0);
  }

  static void check(String name, long[] values, int count, long least) {
    if (values == null) {
      return;
    }
    if (values.length != count
        || Arrays.stream(values).anyMatch(value -> value < least || value > Integer.MAX_VALUE)) {
      throw new IllegalArgumentException("attribute " + name + ": expected " + count + " integers from "
          + least + " to 2^31 - 1, got " + Arrays.toString(values));
    }
  }

  long stride(int axis) {
    return strides == null ? 1 : strides[axis];
  }

  long dilation(int axis) {
    return dilations == null ? 1 : dilations[axis];
  }

  /** The elements from the first tap of a window to behind the last. */
  long span(int axis, long size) {
    return (size - 1) * dilation(axis) + 1;
  }

  /** The number of windows along an axis; -1 where it is not known. */
  long windows(int axis, int axes, long size, long length) {
    if (size < 0 || length < 0) {
      return Known.UNKNOWN;
    }
    if (padding.isSame()) {
      return Math.ceilDiv(length, stride(axis));
    }
    long before = before(axis, size, length);
    long room = length + before + behind(axis, axes, size, length) - span(axis, size);
    if (room < 0) {
      throw new IllegalArgumentException("a window of " + span(axis, size)
          + " does not fit axis " + (axis + 2) + " of " + length + " with its pads");
    }
    long windows = room / stride(axis) + 1;
    boolean another = ceil && room % stride(axis) != 0 && windows * stride(axis) < length + before;
    return another ? windows + 1 : windows;
  }

  private long total(int axis, long size, long length) {
    return Math.max(0, (Math.ceilDiv(length, stride(axis)) - 1) * stride(axis) + span(axis, size) - length);
  }

  /** The elements of padding before an axis. */
  long before(int axis, long size, long length) {
    return switch (padding) {
      case NOTSET -> pads == null ? 0 : pads[axis];
      case VALID -> 0;
      case SAME_UPPER -> total(axis, size, length) / 2;
      case SAME_LOWER -> (total(axis, size, length) + 1) / 2;
    };
  }

  /** The elements of padding behind an axis. */
  long behind(int axis, int axes, long size, long length) {
    return switch (padding) {
      case NOTSET -> pads == null ? 0 : pads[axes + axis];
      case VALID -> 0;
      case SAME_UPPER, SAME_LOWER -> total(axis, size, length) - before(axis, size, length);
    };
  }

  /** The window with images of sizes that are known: those of one dimension have one row. */
  Window window(long[] sizes, long[] lengths) {
    int axes = lengths.length;
    Window.Axis one = new Window.Axis(1, 1, 1, 1, 0, 0, 1);
    return axes == 1
        ? new Window(one, axis(0, axes, sizes, lengths))
        : new Window(axis(0, axes, sizes, lengths), axis(1, axes, sizes, lengths));
  }

  private Window.Axis axis(int axis, int axes, long[] sizes, long[] lengths) {
    long length = lengths[axis];
    int windows = Runs.count("windows", windows(axis, axes, sizes[axis], length));
    return new Window.Axis(Runs.count("lengths of images", length), (int) sizes[axis],
        windows == 1 ? 1 : (int) stride(axis), (int) dilation(axis),
        Runs.count("pads", before(axis, sizes[axis], length)),
        Runs.count("pads", behind(axis, axes, sizes[axis], length)), windows);
  }
}
