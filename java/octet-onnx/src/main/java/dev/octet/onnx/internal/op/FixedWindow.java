package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;

/**
 * A window whose padding all runs share, as Octet's ops take it: images of one dimension have one row.
 *
 * @param sizes rows and columns of the window
 * @param strides from one window to the next
 * @param dilations from one tap to the next
 * @param before padding above and on the left
 * @param behind padding below and on the right
 */
public record FixedWindow(int[] sizes, int[] strides, int[] dilations, int[] before, int[] behind) {
  /**
   * The window over images.
   *
   * @param window its attributes
   * @param sizes of the window, one for each axis of an image
   * @param images as ONNX has them; of known sizes where the padding depends on them
   */
  static FixedWindow of(WindowAttributes window, long[] sizes, Known images) {
    int axes = sizes.length;
    FixedWindow result = new FixedWindow(new int[]{1, 1}, new int[]{1, 1}, new int[]{1, 1}, new int[2],
        new int[2]);
    for (int axis = 0; axis < axes; axis++) {
      int at = 2 - axes + axis;
      long length = images.hasRank() ? images.dims()[axis + 2] : Known.UNKNOWN;
      result.sizes[at] = Runs.count("a window", sizes[axis]);
      result.strides[at] = (int) window.stride(axis);
      result.dilations[at] = (int) window.dilation(axis);
      result.before[at] = Runs.count("pads", window.before(axis, sizes[axis], length));
      result.behind[at] = Runs.count("pads", window.behind(axis, axes, sizes[axis], length));
    }
    return result;
  }

  /** Whether the padding of all runs is known. */
  public static boolean isFixed(WindowAttributes window, Known images) {
    return !window.padding().isSame()
        || (images.hasRank() && Arrays.stream(images.dims()).skip(2).allMatch(length -> length >= 0));
  }

  /** Names the window by its numbers, the same in every process. */
  @Override
  public String toString() {
    return "window " + Arrays.toString(sizes) + ", strides " + Arrays.toString(strides) + ", dilations "
        + Arrays.toString(dilations) + ", padding " + Arrays.toString(before) + " " + Arrays.toString(behind);
  }
}
