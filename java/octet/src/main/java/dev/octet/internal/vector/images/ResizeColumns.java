package dev.octet.internal.vector.images;

import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeSpec;
import dev.octet.internal.call.LineCall;
import dev.octet.internal.vector.loops.TapLine;

/**
 * Where the pixels of a part of a resized line lie in a line of the image. Made anew where the part or the
 * sizes are others.
 */
final class ResizeColumns {
  /** Pixels of so many channels or more are done one by one. */
  static final int WIDE = 16;
  /** Elements of a part of narrow pixels, pixels of a part of wide ones: arrays stay in the second cache. */
  static final int MOST = 8192;

  private final ResizeSpec spec;
  /** Of each pixel, the pixel of the image, and the one behind. */
  final int[] first = new int[MOST];
  final int[] second = new int[MOST];
  /** The weights of both. */
  final float[] firstWeights = new float[MOST];
  final float[] secondWeights = new float[MOST];
  /** Of each element of narrow pixels, the elements from the first one of {@link #from} on. */
  final int[] firstIndexes = new int[MOST];
  final int[] secondIndexes = new int[MOST];
  /** The weights of both. */
  final TapLine factors = new TapLine(MOST);
  /** The first element of a line that the part is made of, and the one behind the last. */
  long from;
  long end;
  /** Pixels of the part. */
  int count;

  private int start;
  private int height;
  private int width;
  private int channels;

  ResizeColumns(ResizeSpec spec) {
    this.spec = spec;
  }

  /** Pixels of a part of a line. */
  static int perPart(int channels) {
    return channels < WIDE ? MOST / channels : MOST;
  }

  /** Makes the part from a pixel on. */
  void of(LineCall call, int pixel) {
    if (start == pixel && height == call.height && width == call.width && channels == call.channels) {
      return;
    }
    start = pixel;
    height = call.height;
    width = call.width;
    channels = call.channels;
    count = Math.min(perPart(channels), call.outWidth - pixel);
    for (int i = 0; i < count; i++) {
      pixel(i, spec.column(start + i, height, width));
    }
    from = (long) first[0] * channels;
    end = (second[count - 1] + 1L) * channels;
    for (int i = 0; channels < WIDE && i < count; i++) {
      elements(i);
    }
  }

  private void pixel(int i, float x) {
    if (spec.linear()) {
      first[i] = (int) x;
      second[i] = ResizeAxis.second(first[i], width);
      firstWeights[i] = ResizeAxis.firstWeight(x, first[i], second[i]);
      secondWeights[i] = ResizeAxis.secondWeight(x, first[i], second[i]);
    } else {
      first[i] = ResizeAxis.nearest(spec.nearest(), x);
      second[i] = first[i];
    }
  }

  private void elements(int i) {
    for (int channel = 0; channel < channels; channel++) {
      int element = i * channels + channel;
      firstIndexes[element] = (int) ((long) first[i] * channels - from) + channel;
      secondIndexes[element] = (int) ((long) second[i] * channels - from) + channel;
      factors.first()[element] = firstWeights[i];
      factors.second()[element] = secondWeights[i];
    }
  }
}
