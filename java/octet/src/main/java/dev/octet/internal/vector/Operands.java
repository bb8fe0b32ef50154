package dev.octet.internal.vector;

import dev.octet.internal.ffm.Borrowed;
import java.lang.foreign.MemorySegment;

/** Operands of a call as the threads touch them that share it; null for an operand that is not there. */
final class Operands {
  private Operands() {}

  /**
   * Whether workers can touch a segment of the caller: one of a confined arena only by its address, which
   * takes native access; a call without it stays on its own thread, and the JVM prints no warning.
   */
  static boolean shareable(MemorySegment segment) {
    return segment == null || !Borrowed.isConfined(segment)
        || Operands.class.getModule().isNativeAccessEnabled();
  }

  static boolean isHeap(MemorySegment segment) {
    return segment != null && !segment.isNative();
  }

  /** The segment through which the bytes are reached. */
  static MemorySegment view(MemorySegment segment, boolean shared) {
    return shared && segment != null ? Borrowed.view(segment) : segment;
  }

  /** The offset of the segment's first byte in its view. */
  static long base(MemorySegment segment, boolean shared) {
    return shared && segment != null ? Borrowed.base(segment) : 0;
  }
}
