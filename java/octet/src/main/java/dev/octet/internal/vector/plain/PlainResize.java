package dev.octet.internal.vector.plain;

import dev.octet.internal.vector.loops.Corners;
import dev.octet.internal.vector.loops.ResizeLoops;
import dev.octet.internal.vector.loops.TapLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Linear resizes in loops over elements. */
public final class PlainResize implements ResizeLoops {
  /** Without state. */
  public PlainResize() {}

  @Override
  public void gather(float[] from, int[] indexes, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = from[indexes[i]];
    }
  }

  @Override
  public void blend(TapLine upper, TapLine lower, TapLine factors, float upperWeight, float lowerWeight,
      MemorySegment dst, long dstAt, int count) {
    float[] upperFirst = upper.first();
    float[] upperSecond = upper.second();
    float[] lowerFirst = lower.first();
    float[] lowerSecond = lower.second();
    float[] first = factors.first();
    float[] second = factors.second();
    for (int i = 0; i < count; i++) {
      float sum = first[i] * upperWeight * upperFirst[i] + second[i] * upperWeight * upperSecond[i]
          + first[i] * lowerWeight * lowerFirst[i] + second[i] * lowerWeight * lowerSecond[i];
      dst.set(ValueLayout.JAVA_BYTE, dstAt + i, (byte) (int) sum);
    }
  }

  @Override
  public void blend(MemorySegment src, Corners corners, boolean unsigned, MemorySegment dst, long dstAt,
      int channels) {
    int mask = unsigned ? 0xff : -1;
    for (int i = 0; i < channels; i++) {
      int q = corners.blend(src.get(ValueLayout.JAVA_BYTE, corners.upperFirst + i) & mask,
          src.get(ValueLayout.JAVA_BYTE, corners.upperSecond + i) & mask,
          src.get(ValueLayout.JAVA_BYTE, corners.lowerFirst + i) & mask,
          src.get(ValueLayout.JAVA_BYTE, corners.lowerSecond + i) & mask);
      dst.set(ValueLayout.JAVA_BYTE, dstAt + i, (byte) q);
    }
  }
}
