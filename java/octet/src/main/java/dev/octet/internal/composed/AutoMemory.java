package dev.octet.internal.composed;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory between two kernels, kept for the next call and replaced where that needs more. Of an
 * automatic arena: allocating from it needs no native access, which engine VECTOR does without, and any
 * thread may use it.
 */
final class AutoMemory {
  private static final int ALIGNMENT = 64;

  private MemorySegment memory = MemorySegment.NULL;

  /** Returns at least so many bytes, with whatever they hold. */
  MemorySegment of(long bytes) {
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }
    return memory;
  }
}
