package dev.octet.internal.call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory of a running tile or call, kept for the next one and replaced where that needs more. Of an
 * automatic arena: allocating from it needs no native access, which engine VECTOR does without, any thread
 * may use it, and it goes with the pool that holds it.
 */
public final class AutoMemory {
  private static final int ALIGNMENT = 64;

  private MemorySegment memory = MemorySegment.NULL;

  /** Returns at least so many bytes, with whatever they hold. */
  public MemorySegment of(long bytes) {
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }
    return memory;
  }
}
