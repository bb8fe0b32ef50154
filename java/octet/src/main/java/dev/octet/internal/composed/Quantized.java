package dev.octet.internal.composed;

import dev.octet.internal.call.AutoMemory;
import dev.octet.internal.call.StatePool;
import java.lang.foreign.MemorySegment;

/** Floats as U8, with a scale and a zero point of each row: what one kernel writes and the next one reads. */
final class Quantized extends StatePool.State {
  private final AutoMemory valueMemory = new AutoMemory();
  private final AutoMemory scaleMemory = new AutoMemory();
  private final AutoMemory zeroPointMemory = new AutoMemory();
  private MemorySegment values = MemorySegment.NULL;
  private MemorySegment scales = MemorySegment.NULL;
  private MemorySegment zeroPoints = MemorySegment.NULL;

  /** Makes room for some rows of some elements. */
  void of(int rows, long elements) {
    values = valueMemory.of(Math.multiplyExact(rows, elements));
    scales = scaleMemory.of(4L * rows);
    zeroPoints = zeroPointMemory.of(4L * rows);
  }

  /** Returns the U8 elements. */
  MemorySegment values() {
    return values;
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
