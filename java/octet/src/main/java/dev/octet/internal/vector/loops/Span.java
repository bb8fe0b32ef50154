package dev.octet.internal.vector.loops;

import java.lang.foreign.MemorySegment;

/**
 * Consecutive elements of up to two operands and a result, as an inner loop takes them; one object serves one
 * loop after the other. Offsets are in bytes.
 */
public final class Span {
  /** The first operand. */
  public MemorySegment left;
  /** Its first byte. */
  public long leftAt;
  /** Of binary loops: bytes from element to element; 0: one element is there as often as loops read it. */
  public int leftStep;
  /** The second operand; null where there is none. */
  public MemorySegment right;
  /** Its first byte. */
  public long rightAt;
  /** As for the first operand. */
  public int rightStep;
  /** The result. */
  public MemorySegment dst;
  /** Its first byte. */
  public long dstAt;
  /** How many elements. */
  public int count;

  /** An empty span. */
  public Span() {}

  /** Lets go of all memory. */
  public void clear() {
    left = null;
    right = null;
    dst = null;
  }
}
