package dev.octet;

/**
 * Where a pixel of a resized image lies in the image that it is made of, axis by axis; ONNX's
 * coordinate_transformation_mode. {@code o} is the index of the pixel, {@code in} and {@code out} are the
 * pixels of the axis before and after, {@code scale} is {@code out / in} or the scale that was given. All
 * steps are in binary32.
 */
public enum CoordinateMode {
  /** {@code (o + 0.5) / scale - 0.5}: the centres of the outer pixels keep their distance from the edges. */
  HALF_PIXEL,
  /** As {@link #HALF_PIXEL}, but 0 where there is a single pixel after. */
  PYTORCH_HALF_PIXEL,
  /** {@code o / scale}: the first pixels lie on each other. */
  ASYMMETRIC,
  /**
   * {@code o * (in - 1) / (out - 1)}, 0 where there is a single pixel after: the first pixels lie on each
   * other, and the last ones.
   */
  ALIGN_CORNERS
}
