package dev.octet.internal.vector.simd;

import static dev.octet.internal.vector.simd.Lanes.COUNT;
import static dev.octet.internal.vector.simd.Lanes.FLOATS;

import dev.octet.internal.vector.loops.Corners;
import dev.octet.internal.vector.loops.ResizeLoops;
import dev.octet.internal.vector.loops.TapLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Linear resizes with the Vector API; rests are done one by one, as in {@link SimdElements}. */
public final class SimdResize implements ResizeLoops {
  /** Without state. */
  public SimdResize() {}

  private static int whole(int count) {
    return count - count % COUNT;
  }

  private static IntVector truncated(FloatVector x) {
    return (IntVector) x.convert(VectorOperators.F2I, 0);
  }

  @Override
  public void gather(float[] from, int[] indexes, float[] to, int count) {
    int whole = whole(count);
    if (whole > 0) {
      gatherVectors(from, indexes, to, whole);
    }
    for (int i = whole; i < count; i++) {
      to[i] = from[indexes[i]];
    }
  }

  private static void gatherVectors(float[] from, int[] indexes, float[] to, int whole) {
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector.fromArray(FLOATS, from, 0, indexes, i).intoArray(to, i);
    }
  }

  @Override
  public void blend(TapLine upper, TapLine lower, TapLine factors, float upperWeight, float lowerWeight,
      MemorySegment dst, long dstAt, int count) {
    int whole = whole(count);
    if (whole > 0) {
      blendVectors(upper, lower, factors, upperWeight, lowerWeight, dst, dstAt, whole);
    }
    for (int i = whole; i < count; i++) {
      float first = factors.first()[i];
      float second = factors.second()[i];
      float sum = first * upperWeight * upper.first()[i] + second * upperWeight * upper.second()[i]
          + first * lowerWeight * lower.first()[i] + second * lowerWeight * lower.second()[i];
      dst.set(ValueLayout.JAVA_BYTE, dstAt + i, (byte) (int) sum);
    }
  }

  private static void blendVectors(TapLine upper, TapLine lower, TapLine factors, float upperWeight,
      float lowerWeight, MemorySegment dst, long dstAt, int whole) {
    float[] upperFirst = upper.first();
    float[] upperSecond = upper.second();
    float[] lowerFirst = lower.first();
    float[] lowerSecond = lower.second();
    float[] firsts = factors.first();
    float[] seconds = factors.second();
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector first = FloatVector.fromArray(FLOATS, firsts, i);
      FloatVector second = FloatVector.fromArray(FLOATS, seconds, i);
      FloatVector sum = first.mul(upperWeight).mul(FloatVector.fromArray(FLOATS, upperFirst, i));
      sum = sum.add(second.mul(upperWeight).mul(FloatVector.fromArray(FLOATS, upperSecond, i)));
      sum = sum.add(first.mul(lowerWeight).mul(FloatVector.fromArray(FLOATS, lowerFirst, i)));
      sum = sum.add(second.mul(lowerWeight).mul(FloatVector.fromArray(FLOATS, lowerSecond, i)));
      Lanes.store(truncated(sum), dst, dstAt + i);
    }
  }

  @Override
  public void blend(MemorySegment src, Corners corners, boolean unsigned, MemorySegment dst, long dstAt,
      int channels) {
    int mask = Lanes.mask(unsigned);
    int whole = whole(channels);
    if (whole > 0) {
      blendVectors(src, corners, mask, dst, dstAt, whole);
    }
    for (int i = whole; i < channels; i++) {
      int q = corners.blend(load(src, corners.upperFirst + i, mask), load(src, corners.upperSecond + i, mask),
          load(src, corners.lowerFirst + i, mask), load(src, corners.lowerSecond + i, mask));
      dst.set(ValueLayout.JAVA_BYTE, dstAt + i, (byte) q);
    }
  }

  private static int load(MemorySegment src, long at, int mask) {
    return src.get(ValueLayout.JAVA_BYTE, at) & mask;
  }

  private static FloatVector reals(MemorySegment src, long at, int mask) {
    return Lanes.floats(Lanes.bytes(src, at, mask));
  }

  private static void blendVectors(MemorySegment src, Corners corners, int mask, MemorySegment dst,
      long dstAt, int whole) {
    long upperFirst = corners.upperFirst;
    long upperSecond = corners.upperSecond;
    long lowerFirst = corners.lowerFirst;
    long lowerSecond = corners.lowerSecond;
    float a = corners.upperFirstWeight;
    float b = corners.upperSecondWeight;
    float c = corners.lowerFirstWeight;
    float d = corners.lowerSecondWeight;
    for (int i = 0; i < whole; i += COUNT) {
      FloatVector sum = reals(src, upperFirst + i, mask).mul(a);
      sum = sum.add(reals(src, upperSecond + i, mask).mul(b));
      sum = sum.add(reals(src, lowerFirst + i, mask).mul(c));
      sum = sum.add(reals(src, lowerSecond + i, mask).mul(d));
      Lanes.store(truncated(sum), dst, dstAt + i);
    }
  }
}
