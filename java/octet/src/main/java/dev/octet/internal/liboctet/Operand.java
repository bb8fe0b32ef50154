package dev.octet.internal.liboctet;

import dev.octet.internal.ffm.Borrowed;
import java.lang.foreign.MemorySegment;

/** An operand of a call as tiles see it; one object serves one call after the other. */
final class Operand {
  MemorySegment segment;
  /** Bytes from one row to the next. */
  long stride;
  /** Where the first row is; 0 for a heap segment, of which parts are copied. */
  long address;
  /** Passed along with the address, so that the memory stays. */
  MemorySegment keep = MemorySegment.NULL;

  void set(MemorySegment given, long strideBytes) {
    segment = given;
    stride = strideBytes;
    address = given.isNative() ? given.address() : 0;
    keep = given.isNative() ? Borrowed.keep(given) : MemorySegment.NULL;
  }

  boolean isHeap() {
    return !segment.isNative();
  }

  void clear() {
    segment = null;
    keep = MemorySegment.NULL;
  }
}
