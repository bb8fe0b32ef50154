package dev.octet.internal.vector.loops;

import java.lang.foreign.MemorySegment;

/** The inner loops of linear resizes. Segments are native where {@link ElementLoops#nativeOnly} says so. */
public interface ResizeLoops {
  /**
   * {@code to[i] = from[indexes[i]]}.
   *
   * @param from the source
   * @param indexes of elements in it
   * @param to the destination
   * @param count how many
   */
  void gather(float[] from, int[] indexes, float[] to, int count);

  /**
   * Elements of two lines, side by side: {@code (first * upper * x + second * upper * x') + ...}, cut off
   * towards 0.
   *
   * @param upper elements of the upper line
   * @param lower elements of the lower line
   * @param factors weights of the columns
   * @param upperWeight of the upper line
   * @param lowerWeight of the lower line
   * @param dst takes 8 bits each
   * @param dstAt the first byte
   * @param count how many
   */
  void blend(TapLine upper, TapLine lower, TapLine factors, float upperWeight, float lowerWeight,
      MemorySegment dst, long dstAt, int count);

  /**
   * The channels of a pixel between four, cut off towards 0.
   *
   * @param src 8 bits
   * @param corners where they lie, and their weights
   * @param unsigned whether they are U8
   * @param dst as many channels of 8 bits
   * @param dstAt the first byte
   * @param channels how many
   */
  void blend(MemorySegment src, Corners corners, boolean unsigned, MemorySegment dst, long dstAt,
      int channels);
}
