package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Scales and zero points of the images of a call that come with the run; copied, so that every thread that
 * helps may read them.
 */
public final class ImageScales {
  private float[] scales = {};
  private int[] zeroPoints = {};
  private int count;

  /**
   * Copies what the caller gave.
   *
   * @param scale F32, unaligned
   * @param zeroPoint S32, unaligned; null: all 0
   * @param entries 1 if they are those of all images, else the number of images
   */
  public void set(MemorySegment scale, @Nullable MemorySegment zeroPoint, int entries) {
    if (scales.length < entries) {
      scales = new float[entries];
      zeroPoints = new int[entries];
    }
    count = entries;
    for (int i = 0; i < entries; i++) {
      scales[i] = scale.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      zeroPoints[i] = zeroPoint == null ? 0 : zeroPoint.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
    }
  }

  /** Returns the scale of an image. */
  public float scale(int image) {
    return scales[count == 1 ? 0 : image];
  }

  /** Returns the zero point of an image. */
  public int zeroPoint(int image) {
    return zeroPoints[count == 1 ? 0 : image];
  }
}
