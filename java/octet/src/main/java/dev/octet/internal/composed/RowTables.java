package dev.octet.internal.composed;

import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.StatePool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A scale and a zero point for each row of a product, of which many in turn have the same. */
final class RowTables extends StatePool.State {
  /** Of a row. */
  static final long BYTES = 8;

  private final AutoMemory memory = new AutoMemory();
  private MemorySegment scales = MemorySegment.NULL;
  private MemorySegment zeroPoints = MemorySegment.NULL;
  private long room;

  /**
   * Fills the tables.
   *
   * @param scale F32 scales, unaligned
   * @param zeroPoint S32 zero points, unaligned; null: all 0
   * @param together rows that have the same scale, 1 or more
   * @param first the number of the first row among all that have scales
   * @param count rows
   */
  void fill(MemorySegment scale, @Nullable MemorySegment zeroPoint, long together, long first, int count) {
    if (count > room) {
      room = count;
      MemorySegment both = memory.of(BYTES * room);
      scales = both.asSlice(0, 4 * room);
      zeroPoints = both.asSlice(4 * room, 4 * room);
    }
    for (long row = 0; row < count;) {
      long entry = (first + row) / together;
      long end = Math.min(count, (entry + 1) * together - first);
      float s = scale.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * entry);
      int z = zeroPoint == null ? 0 : zeroPoint.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * entry);
      for (; row < end; row++) {
        scales.set(ValueLayout.JAVA_FLOAT, 4 * row, s);
        zeroPoints.set(ValueLayout.JAVA_INT, 4 * row, z);
      }
    }
  }

  /** Returns the F32 scales. */
  MemorySegment scales() {
    return scales;
  }

  /** Returns the S32 zero points. */
  MemorySegment zeroPoints() {
    return zeroPoints;
  }
}
