package dev.octet;

/**
 * Which pixel of an axis is the nearest one to a coordinate; ONNX's nearest_mode. A coordinate within
 * 10<sup>-6</sup> of the middle between two pixels counts as the middle, as in ONNX Runtime: division and
 * subtraction in binary32 seldom give it exactly.
 */
public enum NearestMode {
  /** The pixel at the coordinate or before. */
  FLOOR,
  /** The pixel at the coordinate or behind. */
  CEIL,
  /** The nearer pixel; the one before in the middle. */
  ROUND_PREFER_FLOOR,
  /** The nearer pixel; the one behind in the middle. */
  ROUND_PREFER_CEIL
}
