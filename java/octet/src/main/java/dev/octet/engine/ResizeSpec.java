package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.NearestMode;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a resize of NHWC images.
 *
 * @param type of images and results, 8 bits
 * @param nearest what the nearest pixel is; null: linear interpolation
 * @param vertical rows
 * @param horizontal columns
 */
public record ResizeSpec(DataType type, @Nullable NearestMode nearest, ResizeAxis vertical,
    ResizeAxis horizontal) {
  /** Whether pixels are interpolated. */
  public boolean linear() {
    return nearest == null;
  }

  /** Whether images of a size keep it: then every pixel keeps its place, whatever the scales are. */
  public boolean keeps(int height, int width) {
    return vertical.out(height) == height && horizontal.out(width) == width;
  }

  /** Returns the coordinate of an output row in images of a size. */
  public float row(int o, int height, int width) {
    return keeps(height, width) ? (float) o : vertical.coordinate(o, height);
  }

  /** Returns the coordinate of an output column in images of a size. */
  public float column(int o, int height, int width) {
    return keeps(height, width) ? (float) o : horizontal.coordinate(o, width);
  }

  /** Returns the first row of the input that an output row is made of. */
  public int firstRow(int o, int height, int width) {
    float y = row(o, height, width);
    return nearest == null ? (int) y : ResizeAxis.nearest(nearest, y);
  }

  /** Returns the last row of the input that an output row is made of. */
  public int lastRow(int o, int height, int width) {
    int first = firstRow(o, height, width);
    return nearest == null ? ResizeAxis.second(first, height) : first;
  }
}
