package dev.octet.onnx.internal.op;

/**
 * An axis that is resized.
 *
 * @param resize how
 * @param in its elements before
 * @param out its elements after
 * @param scale the factor
 */
record ResizeAxis(Resize resize, int in, int out, float scale) {
  /** Where an element of the result lies, within the image. */
  float place(int i) {
    return resize.coordinates().place(i, in, out, scale);
  }

  /** The element that is the nearest one. Opset 10 does not say which that is: ONNX Runtime's. */
  int nearest(int i) {
    return scale == 1
        ? i
        : (resize.older() && scale < 1 ? Resize.Nearest.CEIL : resize.nearest()).element(place(i));
  }

  /** The second of two elements that an element of the result lies between. */
  int second(int first) {
    return Math.min(first + 1, in - 1);
  }

  /** The weight of one of two elements: the distance from the other one, a half where both are one. */
  static float weight(float place, int first, int second, int other) {
    return first == second ? 0.5f : Math.abs(place - other);
  }
}
