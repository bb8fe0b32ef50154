package dev.octet.internal.vector.plain;

import dev.octet.engine.BinaryLaw;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Taps;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Elements in plain Java: operands and tables pass through arrays that stay in the first cache, because C2
 * makes vectors of a loop only where every access is to an array, at the loop's own index, and to no second
 * array of the type that is written unless it is read at the same index.
 *
 * <p>
 * Rounding: with {@code MAGIC = 1.5 * 2^23}, {@code t + MAGIC} is rint(t) + MAGIC for |t| <= 2^22, and beyond
 * in the order of t. Steps are reckoned from lo, so that NaN, which becomes 0 as an int, gives lo.
 */
public final class PlainElements implements ElementLoops {
  private static final float MAGIC = 12582912f;

  private final float[] floats = new float[TABLE];
  private final float[] others = new float[TABLE];
  private final int[] ints = new int[TABLE];
  private final int[] bias = new int[TABLE];
  private final byte[] bytes = new byte[TABLE];

  /** For one thread at a time. */
  public PlainElements() {}

  @Override
  public boolean nativeOnly() {
    return false;
  }

  private void loadFloats(MemorySegment src, long at, int count) {
    MemorySegment.copy(src, ValueLayout.JAVA_FLOAT_UNALIGNED, at, floats, 0, count);
  }

  private void loadBytes(MemorySegment src, long at, int count) {
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
  }

  /** As S8: 128 less than U8. */
  private void loadSigned(MemorySegment src, long at, boolean unsigned, int count) {
    loadBytes(src, at, count);
    if (unsigned) {
      flip(bytes, count);
    }
  }

  private static void flip(byte[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = (byte) (values[i] ^ 0x80);
    }
  }

  /** What S8 made of an operand is short of. */
  private static int shift(boolean unsigned) {
    return unsigned ? 128 : 0;
  }

  private void storeFloats(MemorySegment dst, long at, int count) {
    MemorySegment.copy(floats, 0, dst, ValueLayout.JAVA_FLOAT_UNALIGNED, at, count);
  }

  private void storeBytes(MemorySegment dst, long at, int count) {
    MemorySegment.copy(bytes, 0, dst, ValueLayout.JAVA_BYTE, at, count);
  }

  /** Scales and zero points of some elements, into the arrays beside those of the elements. */
  private void table(float[] scales, int[] zeroPoints, int first, int count) {
    System.arraycopy(scales, first, others, 0, count);
    System.arraycopy(zeroPoints, first, bias, 0, count);
  }

  @Override
  public void quantize(Span span, float scale, Target target) {
    for (int c = 0; c < span.count; c += TABLE) {
      int count = Math.min(TABLE, span.count - c);
      loadFloats(span.left, span.leftAt + 4L * c, count);
      divide(floats, scale, count);
      round(floats, target.zeroPoint(), target.lo(), target.hi(), count);
      narrow(floats, bytes, count);
      storeBytes(span.dst, span.dstAt + c, count);
    }
  }

  private static void divide(float[] x, float scale, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = x[i] / scale;
    }
  }

  private static void round(float[] t, int zeroPoint, int lo, int hi, int count) {
    float base = MAGIC + (lo - zeroPoint);
    int range = hi - lo;
    for (int i = 0; i < count; i++) {
      int steps = (int) (t[i] + MAGIC - base);
      t[i] = (float) (Math.min(Math.max(steps, 0), range) + lo);
    }
  }

  private static void narrow(float[] src, byte[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (byte) (int) src[i];
    }
  }

  @Override
  public void quantize(Span span, float[] scales, int[] zeroPoints, int first, Target target) {
    loadFloats(span.left, span.leftAt, span.count);
    table(scales, zeroPoints, first, span.count);
    quantize(floats, others, bias, target.lo(), target.hi(), span.count);
    narrow(floats, bytes, span.count);
    storeBytes(span.dst, span.dstAt, span.count);
  }

  private static void quantize(float[] x, float[] scales, int[] zeroPoints, int lo, int hi, int count) {
    int range = hi - lo;
    for (int i = 0; i < count; i++) {
      int steps = (int) (x[i] / scales[i] + MAGIC - (MAGIC + (float) (lo - zeroPoints[i])));
      x[i] = (float) (Math.min(Math.max(steps, 0), range) + lo);
    }
  }

  @Override
  public void dequantize(Span span, boolean unsigned, float scale, int zeroPoint) {
    for (int c = 0; c < span.count; c += TABLE) {
      int count = Math.min(TABLE, span.count - c);
      loadSigned(span.left, span.leftAt + c, unsigned, count);
      dequantize(bytes, zeroPoint - shift(unsigned), scale, floats, count);
      storeFloats(span.dst, span.dstAt + 4L * c, count);
    }
  }

  /** Both are integers of nine bits: their difference as floats is that of the integers. */
  private static void dequantize(byte[] q, float zeroPoint, float scale, float[] x, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = ((float) q[i] - zeroPoint) * scale;
    }
  }

  @Override
  public void dequantize(Span span, boolean unsigned, float[] scales, int[] zeroPoints, int first) {
    loadSigned(span.left, span.leftAt, unsigned, span.count);
    table(scales, zeroPoints, first, span.count);
    widen(bytes, shift(unsigned), floats, span.count);
    dequantize(bias, others, floats, span.count);
    storeFloats(span.dst, span.dstAt, span.count);
  }

  private static void widen(byte[] src, float shift, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (float) src[i] + shift;
    }
  }

  private static void dequantize(int[] zeroPoints, float[] scales, float[] x, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = (x[i] - (float) zeroPoints[i]) * scales[i];
    }
  }

  @Override
  public void requantize(Span span, float[] multipliers, int[] bias, int first, Target target) {
    MemorySegment.copy(span.left, ValueLayout.JAVA_INT_UNALIGNED, span.leftAt, ints, 0, span.count);
    requantizeInts(span, multipliers, bias, first, target);
  }

  @Override
  public void requantize(int[] sums, int at, Span span, float[] multipliers, int[] bias, int first,
      Target target) {
    System.arraycopy(sums, at, ints, 0, span.count);
    requantizeInts(span, multipliers, bias, first, target);
  }

  private void requantizeInts(Span span, float[] multipliers, int[] bias, int first, Target target) {
    table(multipliers, bias, first, span.count);
    scale(ints, this.bias, others, floats, span.count);
    round(floats, target.zeroPoint(), target.lo(), target.hi(), span.count);
    narrow(floats, bytes, span.count);
    storeBytes(span.dst, span.dstAt, span.count);
  }

  private static void scale(int[] x, int[] bias, float[] multipliers, float[] t, int count) {
    for (int i = 0; i < count; i++) {
      t[i] = (float) (x[i] + bias[i]) * multipliers[i];
    }
  }

  @Override
  public void binary(Span span, boolean unsigned, BinaryLaw law) {
    for (int c = 0; c < span.count; c += TABLE) {
      int count = Math.min(TABLE, span.count - c);
      loadSigned(span.right, span.rightAt + (long) c * span.rightStep, unsigned, count);
      widen(bytes, shift(unsigned), floats, count);
      loadSigned(span.left, span.leftAt + (long) c * span.leftStep, unsigned, count);
      widen(bytes, shift(unsigned), others, count);
      if (!PlainBinary.compute(law, others, floats, count)) {
        round(floats, law.zeroPoint(), law.lo(), law.hi(), count);
      }
      narrow(floats, bytes, count);
      storeBytes(span.dst, span.dstAt + c, count);
    }
  }

  @Override
  public void lookup(Span span, byte[] table) {
    for (int c = 0; c < span.count; c += TABLE) {
      int count = Math.min(TABLE, span.count - c);
      loadBytes(span.left, span.leftAt + c, count);
      lookup(bytes, table, count);
      storeBytes(span.dst, span.dstAt + c, count);
    }
  }

  private static void lookup(byte[] values, byte[] table, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = table[values[i] & 0xff];
    }
  }

  @Override
  public long range(Span span) {
    int min = 0;
    int max = 0;
    for (int c = 0; c < span.count; c += TABLE) {
      int count = Math.min(TABLE, span.count - c);
      MemorySegment.copy(span.left, ValueLayout.JAVA_INT_UNALIGNED, span.leftAt + 4L * c, ints, 0, count);
      min = Math.min(min, least(ints, count));
      max = Math.max(max, most(ints, count));
    }
    return ((long) min << 32) | (max & 0xffffffffL);
  }

  private static int least(int[] bits, int count) {
    int min = 0;
    for (int i = 0; i < count; i++) {
      min = Math.min(min, ElementLoops.ordered(bits[i]));
    }
    return min;
  }

  private static int most(int[] bits, int count) {
    int max = 0;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, ElementLoops.ordered(bits[i]));
    }
    return max;
  }

  @Override
  public void max(MemorySegment src, Taps taps, boolean unsigned, MemorySegment dst, long dstAt,
      int channels) {
    Arrays.fill(ints, 0, channels, Byte.MIN_VALUE);
    int mask = mask(unsigned);
    for (int y = 0; y < taps.rows; y++) {
      for (int x = 0; x < taps.columns; x++) {
        loadBytes(src, taps.at + y * taps.rowStep + x * taps.columnStep, channels);
        max(bytes, mask, ints, channels);
      }
    }
    for (int c = 0; c < channels; c++) {
      bytes[c] = (byte) ints[c];
    }
    storeBytes(dst, dstAt, channels);
  }

  /** Makes an int of a byte; channels are too few for a pass more, which would make this loop a vector's. */
  private static int mask(boolean unsigned) {
    return unsigned ? 0xff : -1;
  }

  private static void max(byte[] src, int mask, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = Math.max(dst[i], src[i] & mask);
    }
  }

  @Override
  public void sums(MemorySegment src, Taps taps, boolean unsigned, int[] sums, int channels) {
    Arrays.fill(sums, 0, channels, 0);
    int mask = mask(unsigned);
    for (int y = 0; y < taps.rows; y++) {
      for (int x = 0; x < taps.columns; x++) {
        loadBytes(src, taps.at + y * taps.rowStep + x * taps.columnStep, channels);
        add(bytes, mask, sums, channels);
      }
    }
  }

  private static void add(byte[] src, int mask, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += src[i] & mask;
    }
  }

  @Override
  public void round(int[] sums, int offset, float multiplier, Target target, MemorySegment dst, long dstAt,
      int channels) {
    scale(sums, offset, multiplier, floats, channels);
    round(floats, target.zeroPoint(), target.lo(), target.hi(), channels);
    narrow(floats, bytes, channels);
    storeBytes(dst, dstAt, channels);
  }

  private static void scale(int[] sums, int offset, float multiplier, float[] t, int count) {
    for (int i = 0; i < count; i++) {
      t[i] = (float) (sums[i] - offset) * multiplier;
    }
  }
}
