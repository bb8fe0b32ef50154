package dev.octet.internal.vector.loops;

/**
 * The four pixels that a pixel of a resized image lies between: the first byte of each, and its weight. One
 * object serves one pixel after the other.
 */
public final class Corners {
  /** In the upper line. */
  public long upperFirst;
  /** Behind it. */
  public long upperSecond;
  /** In the lower line. */
  public long lowerFirst;
  /** Behind it. */
  public long lowerSecond;
  public float upperFirstWeight;
  public float upperSecondWeight;
  public float lowerFirstWeight;
  public float lowerSecondWeight;

  /** Of no pixel. */
  public Corners() {}

  /** Sets weights, which are products of those of columns and lines. */
  public void weigh(float first, float second, float upper, float lower) {
    upperFirstWeight = first * upper;
    upperSecondWeight = second * upper;
    lowerFirstWeight = first * lower;
    lowerSecondWeight = second * lower;
  }

  /** The weighted sum of four elements, cut off towards 0: the law for a single one. */
  public int blend(int upperLeft, int upperRight, int lowerLeft, int lowerRight) {
    return (int) (upperFirstWeight * upperLeft + upperSecondWeight * upperRight + lowerFirstWeight * lowerLeft
        + lowerSecondWeight * lowerRight);
  }
}
