package dev.octet.internal.vector.loops;

import dev.octet.engine.BinaryLaw;
import java.lang.foreign.MemorySegment;

/**
 * Loops over 8-bit elements and floats, to the letter of the numerics law. An implementation may have arrays
 * of its own: one object serves one running tile at a time. Zero points lie in the range of their type.
 */
public interface ElementLoops {
  /** The most elements of a table that loops with a table take from it at a time. */
  int TABLE = 1024;

  /**
   * Whether operands have to be native: loops that work on them where they are must meet one kind of memory
   * only.
   *
   * @return false: heap memory is as good
   */
  boolean nativeOnly();

  /**
   * {@code sat(rint(x / scale) + zeroPoint)}; F32 to 8 bits.
   *
   * @param span of src and dst
   * @param scale of all
   * @param target zero point and range
   */
  void quantize(Span span, float scale, Target target);

  /**
   * The same with a scale and a zero point for each element.
   *
   * @param span of src and dst, at most {@link #TABLE} elements
   * @param scales one an element from first on
   * @param zeroPoints likewise
   * @param first the entry of the first element
   * @param target the range; its zero point is not read
   */
  void quantize(Span span, float[] scales, int[] zeroPoints, int first, Target target);

  /**
   * {@code f32(q - zeroPoint) * scale}; 8 bits to F32.
   *
   * @param span of src and dst
   * @param unsigned whether src is U8
   * @param scale of all
   * @param zeroPoint of all
   */
  void dequantize(Span span, boolean unsigned, float scale, int zeroPoint);

  /**
   * The same with a scale and a zero point for each element.
   *
   * @param span of src and dst, at most {@link #TABLE} elements
   * @param unsigned whether src is U8
   * @param scales one an element from first on
   * @param zeroPoints likewise
   * @param first the entry of the first element
   */
  void dequantize(Span span, boolean unsigned, float[] scales, int[] zeroPoints, int first);

  /**
   * {@code sat(rint(f32(x + bias) * multiplier) + zeroPoint)}; S32 to 8 bits.
   *
   * @param span of src and dst, at most {@link #TABLE} elements
   * @param multipliers one an element from first on
   * @param bias likewise
   * @param first the entry of the first element
   * @param target zero point and range
   */
  void requantize(Span span, float[] multipliers, int[] bias, int first, Target target);

  /**
   * The same from an array.
   *
   * @param sums from an index on, at most {@link #TABLE} of them
   * @param at the index
   * @param span of dst
   * @param multipliers one an element from first on
   * @param bias likewise
   * @param first the entry of the first element
   * @param target zero point and range
   */
  void requantize(int[] sums, int at, Span span, float[] multipliers, int[] bias, int first, Target target);

  /**
   * A binary op; 8 bits, one type for all. The result may be the memory of an operand. Of an operand that
   * repeats one element, whose step is 0, loops read the first elements, {@link #TABLE} at most.
   *
   * @param span of both operands, with their steps, and dst
   * @param unsigned whether they are U8
   * @param law the op with its numbers
   */
  void binary(Span span, boolean unsigned, BinaryLaw law);

  /**
   * {@code table[x]}. The result may be the memory of the operand.
   *
   * @param span of src and dst
   * @param table 256 bytes, indexed by the unsigned value
   */
  void lookup(Span span, byte[] table);

  /**
   * The smallest and the largest float, or 0: as ints in the order of the floats, see {@link #ordered}, with
   * NaNs outside of the infinities.
   *
   * @param span of src
   * @return the smallest in the upper half, the largest in the lower one
   */
  long range(Span span);

  /**
   * The largest byte of each channel.
   *
   * @param src 8 bits
   * @param taps at least one pixel
   * @param unsigned whether they are U8
   * @param dst as many channels of 8 bits
   * @param dstAt the first byte
   * @param channels at most {@link #TABLE}
   */
  void max(MemorySegment src, Taps taps, boolean unsigned, MemorySegment dst, long dstAt, int channels);

  /**
   * The sum of each channel, modulo 2^32.
   *
   * @param src 8 bits
   * @param taps any number of pixels
   * @param unsigned whether they are U8
   * @param sums one a channel, overwritten
   * @param channels at most {@link #TABLE}
   */
  void sums(MemorySegment src, Taps taps, boolean unsigned, int[] sums, int channels);

  /**
   * {@code sat(rint(f32(sum - offset) * multiplier) + zeroPoint)}.
   *
   * @param sums one a channel
   * @param offset the same for all
   * @param multiplier likewise
   * @param target zero point and range
   * @param dst as many channels of 8 bits
   * @param dstAt the first byte
   * @param channels how many
   */
  void round(int[] sums, int offset, float multiplier, Target target, MemorySegment dst, long dstAt,
      int channels);

  /**
   * Between the bits of a float and an int in the same order; its own inverse.
   *
   * @param bits of one
   * @return the other
   */
  static int ordered(int bits) {
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }
}
