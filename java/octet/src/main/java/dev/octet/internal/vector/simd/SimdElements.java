package dev.octet.internal.vector.simd;

import static dev.octet.internal.vector.simd.Lanes.COUNT;
import static dev.octet.internal.vector.simd.Lanes.FLOATS;
import static dev.octet.internal.vector.simd.Lanes.INTS;
import static dev.octet.internal.vector.simd.Lanes.ORDER;

import dev.octet.engine.BinaryLaw;
import dev.octet.engine.Numbers;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Span;
import dev.octet.internal.vector.loops.Taps;
import dev.octet.internal.vector.loops.Target;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elements with the Vector API, straight from and to native memory: half the time of loops over arrays that
 * are copied to and fro (14.5 against 7.6 elements/ns for a quantize in L2, 8.9 against 4.3 from memory, Zen
 * 5); dequantizing goes through arrays all the same, which take 0.6 of the time there. What is less than a
 * vector is done one by one: masks of bytes exist on few CPUs.
 *
 * <p>
 * A loop over vectors is a method of its own, and is called only where there is a vector: C2 inlines what a
 * method calls rarely, as its counters have it, only if that is small, and a vector that is given to a method
 * which was not inlined is an object. A method that is mostly called for nothing, by narrow tensors, calls
 * all of it rarely; compiled then, pooling made an object per vector for ever.
 */
public final class SimdElements implements ElementLoops {
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, FLOATS.vectorShape());
  private static final int WIDE = BYTES.length();

  private final byte[] bytes = new byte[TABLE];
  private final float[] floats = new float[TABLE];

  /** For one thread at a time. */
  public SimdElements() {}

  @Override
  public boolean nativeOnly() {
    return true;
  }

  private static int load(MemorySegment src, long at, int mask) {
    return src.get(ValueLayout.JAVA_BYTE, at) & mask;
  }

  private static void store(int value, MemorySegment dst, long at) {
    dst.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }

  /** So many of some elements as whole vectors hold. */
  private static int whole(int count) {
    return count - count % COUNT;
  }

  private static float real(MemorySegment src, long at) {
    return src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  @Override
  public void quantize(Span span, float scale, Target target) {
    int whole = whole(span.count);
    if (whole > 0) {
      quantizeVectors(span, whole, scale, target);
    }
    for (int i = whole; i < span.count; i++) {
      float x = real(span.left, span.leftAt + 4L * i);
      store(Numbers.quantize(x, scale, target.zeroPoint(), target.lo(), target.hi()), span.dst,
          span.dstAt + i);
    }
  }

  private static void quantizeVectors(Span span, int whole, float scale, Target target) {
    MemorySegment src = span.left;
    MemorySegment dst = span.dst;
    long from = span.leftAt;
    long to = span.dstAt;
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, src, from + 4L * i, ORDER);
      Lanes.store(Lanes.round(x.div(scale), target), dst, to + i);
    }
  }

  @Override
  public void quantize(Span span, float[] scales, int[] zeroPoints, int first, Target target) {
    int whole = whole(span.count);
    if (whole > 0) {
      quantizeVectors(span, whole, scales, zeroPoints, first, target);
    }
    for (int i = whole; i < span.count; i++) {
      float x = real(span.left, span.leftAt + 4L * i);
      store(Numbers.quantize(x, scales[first + i], zeroPoints[first + i], target.lo(), target.hi()), span.dst,
          span.dstAt + i);
    }
  }

  private static void quantizeVectors(Span span, int whole, float[] scales, int[] zeroPoints, int first,
      Target target) {
    MemorySegment src = span.left;
    MemorySegment dst = span.dst;
    long from = span.leftAt;
    long to = span.dstAt;
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, src, from + 4L * i, ORDER);
      FloatVector t = x.div(FloatVector.fromArray(FLOATS, scales, first + i));
      Lanes.store(Lanes.round(t, IntVector.fromArray(INTS, zeroPoints, first + i), target), dst, to + i);
    }
  }

  @Override
  public void dequantize(Span span, boolean unsigned, float scale, int zeroPoint) {
    int mask = Lanes.mask(unsigned);
    int whole = whole(span.count);
    if (whole > 0) {
      dequantizeVectors(span, whole, mask, scale, zeroPoint);
    }
    for (int i = whole; i < span.count; i++) {
      span.dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, span.dstAt + 4L * i,
          Numbers.dequantize(load(span.left, span.leftAt + i, mask), scale, zeroPoint));
    }
  }

  /** Through arrays, piece by piece: 0.6 of the time of vectors from and to native memory (Zen 4). */
  private void dequantizeVectors(Span span, int whole, int mask, float scale, int zeroPoint) {
    for (int done = 0; done < whole; done += TABLE) {
      int count = Math.min(TABLE, whole - done);
      MemorySegment.copy(span.left, ValueLayout.JAVA_BYTE, span.leftAt + done, bytes, 0, count);
      dequantizeVectors(bytes, floats, count, mask, scale, zeroPoint);
      MemorySegment.copy(floats, 0, span.dst, ValueLayout.JAVA_FLOAT_UNALIGNED, span.dstAt + 4L * done,
          count);
    }
  }

  private static void dequantizeVectors(byte[] q, float[] x, int count, int mask, float scale,
      int zeroPoint) {
    for (int i = 0; i < count; i += COUNT) {
      Lanes.floats(Lanes.bytes(q, i, mask).sub(zeroPoint)).mul(scale).intoArray(x, i);
    }
  }

  @Override
  public void dequantize(Span span, boolean unsigned, float[] scales, int[] zeroPoints, int first) {
    int mask = Lanes.mask(unsigned);
    int whole = whole(span.count);
    if (whole > 0) {
      dequantizeVectors(span, whole, mask, scales, zeroPoints, first);
    }
    for (int i = whole; i < span.count; i++) {
      span.dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, span.dstAt + 4L * i, Numbers
          .dequantize(load(span.left, span.leftAt + i, mask), scales[first + i], zeroPoints[first + i]));
    }
  }

  private static void dequantizeVectors(Span span, int whole, int mask, float[] scales, int[] zeroPoints,
      int first) {
    MemorySegment src = span.left;
    MemorySegment dst = span.dst;
    long from = span.leftAt;
    long to = span.dstAt;
    for (int i = 0; i < whole; i += COUNT) {
      IntVector q = Lanes.bytes(src, from + i, mask).sub(IntVector.fromArray(INTS, zeroPoints, first + i));
      Lanes.floats(q).mul(FloatVector.fromArray(FLOATS, scales, first + i))
          .intoMemorySegment(dst, to + 4L * i, ORDER);
    }
  }

  @Override
  public void requantize(Span span, float[] multipliers, int[] bias, int first, Target target) {
    int whole = whole(span.count);
    if (whole > 0) {
      requantizeVectors(span, whole, multipliers, bias, first, target);
    }
    for (int i = whole; i < span.count; i++) {
      int x = span.left.get(ValueLayout.JAVA_INT_UNALIGNED, span.leftAt + 4L * i) + bias[first + i];
      store(round((float) x * multipliers[first + i], target), span.dst, span.dstAt + i);
    }
  }

  private static void requantizeVectors(Span span, int whole, float[] multipliers, int[] bias, int first,
      Target target) {
    MemorySegment src = span.left;
    MemorySegment dst = span.dst;
    long from = span.leftAt;
    long to = span.dstAt;
    for (int i = 0; i < whole; i += COUNT) {
      IntVector x = IntVector.fromMemorySegment(INTS, src, from + 4L * i, ORDER)
          .add(IntVector.fromArray(INTS, bias, first + i));
      FloatVector t = Lanes.floats(x).mul(FloatVector.fromArray(FLOATS, multipliers, first + i));
      Lanes.store(Lanes.round(t, target), dst, to + i);
    }
  }

  @Override
  public void requantize(int[] sums, int at, Span span, float[] multipliers, int[] bias, int first,
      Target target) {
    int whole = whole(span.count);
    if (whole > 0) {
      requantizeVectors(sums, at, span, whole, multipliers, bias, first, target);
    }
    for (int i = whole; i < span.count; i++) {
      float t = (float) (sums[at + i] + bias[first + i]) * multipliers[first + i];
      store(round(t, target), span.dst, span.dstAt + i);
    }
  }

  private static void requantizeVectors(int[] sums, int at, Span span, int whole, float[] multipliers,
      int[] bias, int first, Target target) {
    MemorySegment dst = span.dst;
    long to = span.dstAt;
    for (int i = 0; i < whole; i += COUNT) {
      IntVector x = IntVector.fromArray(INTS, sums, at + i).add(IntVector.fromArray(INTS, bias, first + i));
      FloatVector t = Lanes.floats(x).mul(FloatVector.fromArray(FLOATS, multipliers, first + i));
      Lanes.store(Lanes.round(t, target), dst, to + i);
    }
  }

  private static int round(float t, Target target) {
    return Numbers.round(t, target.zeroPoint(), target.lo(), target.hi());
  }

  @Override
  public void binary(Span span, boolean unsigned, BinaryLaw law) {
    int mask = Lanes.mask(unsigned);
    SimdBinary.Loop loop = SimdBinary.loop(law.op());
    int whole = loop == null ? 0 : whole(span.count);
    if (whole > 0) {
      loop.run(span, whole, mask, law);
    }
    for (int i = whole; i < span.count; i++) {
      int a = load(span.left, span.leftAt + (long) i * span.leftStep, mask);
      int b = load(span.right, span.rightAt + (long) i * span.rightStep, mask);
      store(law.result(a, b), span.dst, span.dstAt + i);
    }
  }

  /** Eight bytes a step: the loads from the table are what it takes. */
  @Override
  public void lookup(Span span, byte[] table) {
    MemorySegment src = span.left;
    MemorySegment dst = span.dst;
    long from = span.leftAt;
    long to = span.dstAt;
    int i = 0;
    for (; i <= span.count - 8; i += 8) {
      long x = src.get(ValueLayout.JAVA_LONG_UNALIGNED, from + i);
      long y = entry(table, x) | (entry(table, x >>> 8) << 8) | (entry(table, x >>> 16) << 16)
          | (entry(table, x >>> 24) << 24) | (entry(table, x >>> 32) << 32) | (entry(table, x >>> 40) << 40)
          | (entry(table, x >>> 48) << 48) | (entry(table, x >>> 56) << 56);
      dst.set(ValueLayout.JAVA_LONG_UNALIGNED, to + i, y);
    }
    for (; i < span.count; i++) {
      store(table[load(src, from + i, 0xff)], dst, to + i);
    }
  }

  private static long entry(byte[] table, long index) {
    return table[(int) index & 0xff] & 0xffL;
  }

  @Override
  public long range(Span span) {
    MemorySegment src = span.left;
    long from = span.leftAt;
    IntVector least = IntVector.zero(INTS);
    IntVector most = least;
    int i = 0;
    for (; i <= span.count - COUNT; i += COUNT) {
      IntVector bits = IntVector.fromMemorySegment(INTS, src, from + 4L * i, ORDER);
      IntVector ordered = Lanes.ordered(bits);
      least = least.min(ordered);
      most = most.max(ordered);
    }
    int min = least.reduceLanes(VectorOperators.MIN);
    int max = most.reduceLanes(VectorOperators.MAX);
    for (; i < span.count; i++) {
      int ordered = ElementLoops.ordered(src.get(ValueLayout.JAVA_INT_UNALIGNED, from + 4L * i));
      min = Math.min(min, ordered);
      max = Math.max(max, ordered);
    }
    return ((long) min << 32) | (max & 0xffffffffL);
  }

  /** Unsigned bytes are compared as signed ones, their highest bit turned over. */
  @Override
  public void max(MemorySegment src, Taps taps, boolean unsigned, MemorySegment dst, long dstAt,
      int channels) {
    int wide = channels - channels % WIDE;
    int whole = whole(channels);
    int mask = Lanes.mask(unsigned);
    if (wide > 0) {
      maxWide(src, taps, (byte) (unsigned ? 0x80 : 0), dst, dstAt, wide);
    }
    if (whole > wide) {
      maxVectors(src, taps, mask, dst, dstAt, wide, whole);
    }
    for (int c = whole; c < channels; c++) {
      int most = Byte.MIN_VALUE;
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          most = Math.max(most, load(src, row + x * taps.columnStep, mask));
        }
      }
      store(most, dst, dstAt + c);
    }
  }

  private static void maxWide(MemorySegment src, Taps taps, byte flip, MemorySegment dst, long dstAt,
      int end) {
    for (int c = 0; c < end; c += WIDE) {
      ByteVector most = ByteVector.broadcast(BYTES, Byte.MIN_VALUE);
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          most = most.max(ByteVector.fromMemorySegment(BYTES, src, row + x * taps.columnStep, ORDER)
              .lanewise(VectorOperators.XOR, flip));
        }
      }
      most.lanewise(VectorOperators.XOR, flip).intoMemorySegment(dst, dstAt + c, ORDER);
    }
  }

  private static void maxVectors(MemorySegment src, Taps taps, int mask, MemorySegment dst, long dstAt,
      int from, int end) {
    for (int c = from; c < end; c += COUNT) {
      IntVector most = IntVector.broadcast(INTS, Byte.MIN_VALUE);
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          most = most.max(Lanes.bytes(src, row + x * taps.columnStep, mask));
        }
      }
      Lanes.store(most, dst, dstAt + c);
    }
  }

  /** Four vectors of channels at a time: one alone waits for its own additions. */
  @Override
  public void sums(MemorySegment src, Taps taps, boolean unsigned, int[] sums, int channels) {
    int mask = Lanes.mask(unsigned);
    int four = channels - channels % (4 * COUNT);
    int whole = whole(channels);
    if (four > 0) {
      sumsOfFour(src, taps, mask, sums, four);
    }
    if (whole > four) {
      sumsOfOne(src, taps, mask, sums, four, whole);
    }
    for (int c = whole; c < channels; c++) {
      int sum = 0;
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          sum += load(src, row + x * taps.columnStep, mask);
        }
      }
      sums[c] = sum;
    }
  }

  private static void sumsOfFour(MemorySegment src, Taps taps, int mask, int[] sums, int end) {
    for (int c = 0; c < end; c += 4 * COUNT) {
      IntVector a = IntVector.zero(INTS);
      IntVector b = a;
      IntVector d = a;
      IntVector e = a;
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          long at = row + x * taps.columnStep;
          a = a.add(Lanes.bytes(src, at, mask));
          b = b.add(Lanes.bytes(src, at + COUNT, mask));
          d = d.add(Lanes.bytes(src, at + 2L * COUNT, mask));
          e = e.add(Lanes.bytes(src, at + 3L * COUNT, mask));
        }
      }
      a.intoArray(sums, c);
      b.intoArray(sums, c + COUNT);
      d.intoArray(sums, c + 2 * COUNT);
      e.intoArray(sums, c + 3 * COUNT);
    }
  }

  private static void sumsOfOne(MemorySegment src, Taps taps, int mask, int[] sums, int from, int end) {
    for (int c = from; c < end; c += COUNT) {
      IntVector sum = IntVector.zero(INTS);
      for (int y = 0; y < taps.rows; y++) {
        long row = taps.at + c + y * taps.rowStep;
        for (int x = 0; x < taps.columns; x++) {
          sum = sum.add(Lanes.bytes(src, row + x * taps.columnStep, mask));
        }
      }
      sum.intoArray(sums, c);
    }
  }

  @Override
  public void round(int[] sums, int offset, float multiplier, Target target, MemorySegment dst, long dstAt,
      int channels) {
    int whole = whole(channels);
    if (whole > 0) {
      roundVectors(sums, offset, multiplier, target, dst, dstAt, whole);
    }
    for (int c = whole; c < channels; c++) {
      store(round((float) (sums[c] - offset) * multiplier, target), dst, dstAt + c);
    }
  }

  private static void roundVectors(int[] sums, int offset, float multiplier, Target target,
      MemorySegment dst, long dstAt, int whole) {
    for (int c = 0; c < whole; c += COUNT) {
      FloatVector sum = Lanes.floats(IntVector.fromArray(INTS, sums, c).sub(offset));
      Lanes.store(Lanes.round(sum.mul(multiplier), target), dst, dstAt + c);
    }
  }
}
