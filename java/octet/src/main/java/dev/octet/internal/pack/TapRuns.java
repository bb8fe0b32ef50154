package dev.octet.internal.pack;

import dev.octet.engine.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Outputs of a convolution along one axis, cut where the taps change that lie in the image: some runs of few
 * outputs at either end and one long one between them.
 */
public final class TapRuns {
  private TapRuns() {}

  /**
   * Outputs whose windows have the same taps in the image.
   *
   * @param first the first output
   * @param end one behind the last output
   * @param firstTap the first tap in the image
   * @param endTap one behind the last tap in the image; firstTap where none is
   */
  public record Run(int first, int end, int firstTap, int endTap) {}

  /**
   * Cuts an axis.
   *
   * @param size of the image
   * @param outputs how many
   * @param taps of the window
   * @param stride from one window to the next
   * @param dilation from one tap to the next
   * @param padding before the image
   * @return the runs, all outputs in order
   */
  public static List<Run> of(int size, int outputs, int taps, int stride, int dilation, int padding) {
    List<Run> runs = new ArrayList<>();
    for (int o = 0; o < outputs; o++) {
      long start = (long) o * stride - padding;
      int firstTap = Window.firstTap(start, dilation, taps);
      int endTap = Window.endTap(start, size, dilation, taps, firstTap);
      Run last = runs.isEmpty() ? null : runs.getLast();
      if (last != null && last.firstTap == firstTap && last.endTap == endTap) {
        runs.set(runs.size() - 1, new Run(last.first, o + 1, firstTap, endTap));
      } else {
        runs.add(new Run(o, o + 1, firstTap, endTap));
      }
    }
    return runs;
  }
}
