package dev.octet.engine;

import dev.octet.CoordinateMode;
import dev.octet.NearestMode;

/**
 * An axis of a resize: which size it gets, and where its pixels lie in the input. Arithmetic in binary32, as
 * the law says.
 *
 * @param coordinates the formula of coordinates
 * @param size pixels of every output; 0: by the scale
 * @param scale factor of the size; not read where the size is given
 */
public record ResizeAxis(CoordinateMode coordinates, int size, float scale) {
  /** The most pixels of an axis: binary32 tells their indexes apart. */
  public static final int MOST = 1 << 24;
  /** How far from the middle between two pixels a coordinate still counts as the middle. */
  private static final float MIDDLE = 1e-6f;

  /**
   * Returns the pixels of the output.
   *
   * @param in the pixels of the input
   * @return 0 or more, any number; {@link Long#MAX_VALUE} for all that are more
   */
  public long out(int in) {
    return size > 0 ? size : (long) Math.floor((double) (scale * (float) in));
  }

  /**
   * Returns the coordinate of an output pixel in the input, limited to the pixels there.
   *
   * @param o the index of the output pixel
   * @param in the pixels of the input, 1 to {@link #MOST}
   * @return 0 to in - 1
   */
  public float coordinate(int o, int in) {
    int out = (int) out(in);
    float factor = size > 0 ? (float) size / (float) in : scale;
    float x = switch (coordinates) {
      case HALF_PIXEL -> ((float) o + 0.5f) / factor - 0.5f;
      case PYTORCH_HALF_PIXEL -> out == 1 ? 0 : ((float) o + 0.5f) / factor - 0.5f;
      case ASYMMETRIC -> (float) o / factor;
      case ALIGN_CORNERS -> out == 1 ? 0 : (float) o * (float) (in - 1) / (float) (out - 1);
    };
    return Math.clamp(x, 0f, (float) (in - 1));
  }

  /**
   * Returns the pixel that is the nearest one to a coordinate.
   *
   * @param mode what is near
   * @param x from {@link #coordinate}
   * @return the index
   */
  public static int nearest(NearestMode mode, float x) {
    int before = (int) x;
    float rest = x - (float) before;
    boolean middle = Math.abs(rest - 0.5f) < MIDDLE;
    boolean behind = switch (mode) {
      case FLOOR -> false;
      case CEIL -> rest > 0;
      case ROUND_PREFER_FLOOR -> rest > 0.5f && !middle;
      case ROUND_PREFER_CEIL -> rest >= 0.5f || middle;
    };
    return behind ? before + 1 : before;
  }

  /**
   * Returns the second of the two pixels that a coordinate lies between; the first one is its integer part.
   *
   * @param first the first one
   * @param in the pixels of the input
   * @return first + 1; first at the end of the axis
   */
  public static int second(int first, int in) {
    return Math.min(first + 1, in - 1);
  }

  /**
   * Returns the weight of the first of two pixels: the distance from the second one; a half where both are
   * one.
   *
   * @param x the coordinate between them
   * @param first the first one
   * @param second the second one
   * @return 0 to 1
   */
  public static float firstWeight(float x, int first, int second) {
    return first == second ? 0.5f : Math.abs(x - (float) second);
  }

  /**
   * Returns the weight of the second of two pixels: the distance from the first one; a half where both are
   * one.
   *
   * @param x the coordinate between them
   * @param first the first one
   * @param second the second one
   * @return 0 to 1
   */
  public static float secondWeight(float x, int first, int second) {
    return first == second ? 0.5f : Math.abs(x - (float) first);
  }
}
