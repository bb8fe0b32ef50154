package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Tells memory that cannot be read, by the name of its operand, before somebody tries. */
public final class SegmentAccess {
  private SegmentAccess() {}

  /**
   * Checks that the calling thread may read a segment now.
   *
   * @param operand its name, for messages
   * @param segment the segment
   * @throws IllegalStateException if its arena is closed
   * @throws WrongThreadException if it belongs to another thread's confined arena
   */
  public static void require(String operand, MemorySegment segment) {
    Objects.requireNonNull(operand, "operand");
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(operand + ": the arena of the segment is closed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException(operand + ": the segment belongs to another thread's confined arena");
    }
  }
}
